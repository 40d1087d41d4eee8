package canon

// lookAlike returns the character that r is read as: an ASCII one, or a dash. 0
// stands for none. Letters come in the case in which they look alike; the
// others reach the list through lower case.
func lookAlike(r rune) rune {
	switch {
	case r >= 0x1f150 && r <= 0x1f169: // white on black, round
		return 'a' + r - 0x1f150
	case r >= 0x1f170 && r <= 0x1f189: // white on black, square
		return 'a' + r - 0x1f170
	}
	return lookAlikes[r]
}

// lookAlikes is made from twins.
var lookAlikes = func() map[rune]rune {
	m := make(map[rune]rune, 320)
	for _, t := range twins {
		for _, r := range t.from {
			m[r] = t.to
		}
	}
	return m
}()

// twins lists, for each ASCII character, the characters of other scripts that
// pass for it in common fonts. The facts are those of Unicode's confusables
// (UTS 39); small letters that differ from their capitals are listed by the
// shape they have.
var twins = []struct {
	to   rune
	from string
}{
	{'a', "аɑαᴀꭺⲁ" + "ꓮᎪ"},
	{'b', "вьβƅʙᏏᖯ" + "ꓐᏴ"},
	{'c', "сϲᴄⲥꮯ" + "ꓚᏟ"},
	{'d', "ԁɗᴅđðժꭰ" + "ꓓᎠ"},
	{'e', "еεҽєɛᴇ℮ǝꭼ" + "ꓰᎬ"},
	{'f', "ƒꞙϝ" + "ꓝ"},
	{'g', "ɡցɢƍ" + "ꓖᏀ"},
	{'h', "һнհʜћħ" + "ꓧᎻΗἩᏂ"},
	{'i', "іιıɩɪꙇ" + "ꓲ"},
	{'j', "јϳɉȷ" + "ꓙᎫ"},
	{'k', "кκᴋқĸⲕ" + "ꓗᏦ"},
	{'l', "ӏłɫʟǀլ∣❘" + "ꓡᏞ"},
	{'m', "мᴍɱⲙ" + "ꓟᎷΜ"},
	{'n', "ոпηɴŋɲⲛ" + "ꓠΝ"},
	{'o', "оοօσςøɵөסᴏⲟഠဝ" + "ꓳ"},
	{'p', "рρþƿᴘҏⲣ" + "ꓑᏢ"},
	{'q', "ԛզգ"},
	{'r', "гʀᴦɼɾⲅ" + "ꓣᎡ"},
	{'s', "ѕꜱʂƽ" + "ꓢᏚՏ"},
	{'t', "тτᴛŧƭⲧ" + "ꓔᎢ"},
	{'u', "υսʋᴜμ" + "ꓴՍ"},
	{'v', "νѵᴠ" + "ꓦᏙ"},
	{'w', "ωԝѡաᴡɯ" + "ꓪᎳ"},
	{'x', "хχ×ⲭ" + "ꓫ"},
	{'y', "уγүʏყ" + "ꓬΥᎩ"},
	{'z', "ᴢʐƶζ" + "ꓜᏃ"},
	{'\'', "`‘’‛ʼʻ′´ʹ"},
	{'"', "“”„‟″"},
	{'-', "‐‑‒–—―−─ㅡ⁃⸺⸻﹘"},
	{'/', "⁄∕"},
	{':', "꞉∶"},
	{'.', "․"},
	{'~', "〜∼"},
	{'|', "¦"},
}
