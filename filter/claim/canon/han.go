package canon

// hanVariants is made from hanPairs.
var hanVariants = func() map[rune]rune {
	m := make(map[rune]rune, 256)
	pairs := []rune(hanPairs)
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}()

// hanPairs holds old, simplified and variant forms, each before the form that
// Japanese names are written in today. It is not a dictionary: it holds the
// characters that names of firms, banks, offices and people are made of, and
// those that are mistaken for them.
const hanPairs = "" +
	// old forms
	"樂楽檢検證証國国會会廣広澤沢邊辺邉辺齋斎齊斉劵券黃黄眞真藏蔵龍竜瀧滝櫻桜濱浜濵浜澁渋鹽塩縣県區区號号學学圖図" +
	"醫医藥薬轉転傳伝應応實実價価壽寿戶戸榮栄營営聯連鐵鉄驛駅險険經経濟済觀観關関氣気發発變変讀読賣売雜雑總総續続" +
	"當当對対萬万稅税舊旧禮礼隨随靜静顯顕驗験點点黨党團団圓円壓圧姬姫將将從従惠恵" +
	"髙高﨑崎嵜崎𠮷吉德徳邨村嶋島嶌島曾曽增増淸清淨浄眾衆臺台灣湾鷗鴎檜桧莊荘與与讓譲釋釈豐豊來来兩両倂併" +
	"滙匯亞亜惡悪歐欧穩穏假仮畫画懷懐擴拡殼殻覺覚陷陥歡歓卷巻據拠擧挙峽峡狹狭勳勲莖茎鷄鶏藝芸獻献權権嚴厳恆恒" +
	"條条狀状乘乗剩剰疊畳孃嬢觸触囑嘱寢寝盡尽粹粋醉酔數数瀨瀬聲声攝摂專専淺浅戰戦踐践錢銭潛潜纖繊禪禅雙双搜捜插挿爭争" +
	"屬属墮堕體体滯滞擇択單単彈弾斷断癡痴遲遅晝昼鑄鋳廳庁聽聴敕勅鎭鎮遞逓獨独屆届貳弐惱悩腦脳拜拝廢廃麥麦拔抜" +
	"祕秘拂払佛仏竝並寶宝豫予餘余譽誉搖揺樣様謠謡賴頼亂乱覽覧勞労樓楼郞郎錄録" +
	// simplified Chinese
	"乐楽东東银銀亚亜马馬邮郵证証险険电電气気车車关関广広运運业業华華产産户戸务務请請认認设設账帳变変" +
	"汇匯联連财財贸貿资資达達递逓团団报報网網络絡币幣韩韓汉漢陆陸顺順丰豊讯訊腾騰贝貝单単" +
	// radicals that normalisation leaves alone
	"⺟母⺠民⻁虎⻄西⻑長⻘青⻝食⻤鬼⻩黄⻨麦⻲亀⻣骨⻫斉⺼月⺝月"
