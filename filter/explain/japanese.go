package explain

import (
	"fmt"

	"sekisho/filter/act"
	"sekisho/filter/finding"
	"sekisho/filter/record"
	"sekisho/policy"
)

var japanese = vocabulary{
	column:  14,
	verdict: "判定", trace: "追跡ID", queue: "キューID", messageID: "Message-ID", time: "日時", note: "注意", from: "差出人", subject: "件名",
	client: "接続元", links: "リンク先", claims: "名乗り", proofs: "証明", results: "認証結果", findings: "所見",
	recipient: "宛先", policy: "ポリシー", lines: "根拠の行", sum: "合計", again: "再判定", change: "変わる条件", action: "処置", took: "所要時間",

	none: "なし", nothing: "何も証明されていない", local: "ローカル投稿", anybody: "(宛先なし)", unknown: "記録されていない",
	partial: "メール全体の処置は他の宛先にも関わるため、ここには表示しない", comma: "、",
	noPersons: "個人に関わる文字列を除いた記録です。それに基づく判定は再現しないことがあります",
	aligned:   "From と一致", unaligned: "From と不一致",
	hold:     "MTA の保留キューに置くよう求めた",
	sameSame: "記録から同じポリシーで判定し直し、同じ結果になった", sameOther: "記録から判定し直し、同じ結果になった(ポリシーは当時と異なる)",
	otherSame:  "同じポリシーで判定し直すと %s、%d 点(規則・ブランド・プログラムが当時と異なる)",
	otherOther: "現在のポリシーで判定し直すと %s、%d 点",
	clientIs:   "%s、エンベロープ差出人 <%s>、宛先 %d 件", provedBy: "%s(%s、%s)", more: "ほか %d 件", moreOutcomes: "結果の異なる宛先がほか %d 件",
	exceptionUsed: "例外 %s(%s)が取り除いた所見: %s", forwarded: "信頼する経路 %s %s を通った(%s: %s)", softened: "誤検知の予算を超え一段弱められた所見: %s",
	points: "%d 点。しきい値: %s", step: "%s %d 点から(%s)", observed: "。観察のみのため「%s」は実行していない",
	stored: "隔離庫に保管した: %s", failed: "処理に失敗した: %s", then: " → ",

	verdicts: map[policy.Verdict]string{
		policy.Accept: "受理", policy.Tag: "警告付きで配送", policy.Quarantine: "隔離", policy.Reject: "拒否", policy.Tempfail: "一時拒否",
	},
	actions: map[policy.Action]string{
		policy.Observe: "記録のみ", policy.ActTag: "単独で警告", policy.ActQuarantine: "単独で隔離",
		policy.ActReject: "単独で拒否", policy.ActTempfail: "単独で一時拒否",
	},
	replies: map[act.Reply]string{
		act.Continue: "受け取るべき宛先に配送した", act.Reject: "送信側に恒久エラーを返した",
		act.Tempfail: "送信側に再送を求めた", act.Discard: "当方に保管したうえで MTA から取り除いた",
	},
	stages: map[record.Stage]string{
		record.StageRead: "読取", record.StageProof: "証明", record.StageClaim: "名乗り", record.StageJudge: "判定", record.StageStore: "保管",
	},
	strengths: map[string]string{"strong": "強い", "medium": "中程度", "weak": "弱い", "mention": "言及のみ"},
	places: map[string]string{
		"from-name": "差出人名", "from-address": "差出人アドレス", "subject-bracket": "件名の括弧内", "subject": "件名",
		"heading": "本文の冒頭", "signature": "署名", "link-text": "リンクの文字", "link-host": "リンク先のホスト名",
		"reply-to": "返信先", "asset": "本物のサイトの画像", "logo-alt": "画像の代替文字", "body": "本文", "rule": "このポリシー独自の規則",
	},
	meanings: map[finding.Name]string{
		finding.Impersonation:       "ブランドを名乗るが、証明されたのは別のドメイン",
		finding.UnprovedClaim:       "ブランドのものでないドメインからブランドを名乗り、何も証明されていない",
		finding.SpoofedBrand:        "差出人アドレスがブランド自身のドメインだが、そのドメインが認証していない",
		finding.UncheckedBrand:      "差出人アドレスがブランド自身のドメインで、それを証明する検査が終わらなかった",
		finding.PersonImpersonation: "表示名は保護対象の人物だが、アドレスが異なる",
		finding.WeakClaim:           "証明のないブランドの弱い名乗りが一つある",
		finding.ImplausibleFrom:     "学校・自治体・医療機関などが消費者向けブランドを名乗っている",
		finding.LinksLeaveBrand:     "証明なしに名乗るブランドとは別の所へリンクが導く",
		finding.LinkMismatch:        "リンクの文字に見えるドメインと実際のリンク先が異なる",
		finding.HotLinked:           "証明なしに名乗るブランドのサイトから画像を読むが、リンクはそこへ行かない",
		finding.UnknownClaim:        "カタログにない組織や窓口を、無関係の差出人が名乗っている",
		finding.RandomSender:        "機械的に作られた差出人で、証明のない名乗りがある",
		finding.CallBack:            "ブランドが請求したとする金額について、別の差出人が電話をかけさせようとしている",
		finding.PassedOn:            "返信・転送・メーリングリスト投稿のため名乗りを軽く見た",
		finding.ListedSender:        "差出人がフィッシングに使われたアドレスのリストにある",
		finding.ListedLink:          "リンク先がフィッシングのリストにある",
		finding.ListConflict:        "リストの項目がブランド自身のメールに当たるため数えない",
		finding.LookalikeHost:       "ブランドのものでないホスト名にブランド名が入っている",
		finding.NameAddress:         "表示名に、差出人アドレスとは別のアドレスやドメインが書かれている",
		finding.ReplyElsewhere:      "証明なしにブランドを名乗り、返信は無料メールへ行く",
		finding.Lure:                "証明のない名乗りに、急がせる言葉や認証情報を求める言葉が伴う",
		finding.ManyRecipients:      "証明のない名乗りで、一度に多くの宛先へ送られている",
		finding.Campaign:            "インシデントと同じもの(一つの差出人が急に多数へ名乗り始めた、または複数の差出人が同じ名乗りをした)",
		finding.DMARCReject:         "DMARC に失敗し、差出人のドメインは拒否を求めている",
		finding.DMARCQuarantine:     "DMARC に失敗し、差出人のドメインは隔離を求めている",
		finding.DMARCFail:           "DMARC に失敗したが、差出人のドメインは何も求めていない",
		finding.SPFFail:             "接続元はエンベロープ差出人のドメインから送ることを許されていない",
		finding.SPFSoftFail:         "接続元はおそらくエンベロープ差出人のドメインから送ることを許されていない",
		finding.SPFError:            "エンベロープ差出人のドメインの SPF レコードが評価できない",
		finding.DKIMFail:            "有効な DKIM 署名がなく、付いていた署名は検証に失敗した",
		finding.DKIMPolicy:          "DKIM 署名が受け入れられない(本文の一部が未署名、または鍵が弱い)",
		finding.DKIMUnaligned:       "DKIM 署名は有効だが、差出人のドメインのものではない",
		finding.Forwarded:           "ポリシーが信頼する転送経路で認証が壊れた",
		finding.AuthTempError:       "差出人を証明しうる検査が終わらなかった",
		finding.NoAuth:              "検査したが、どのドメインも証明されなかった",
		finding.NoReverseDNS:        "接続元アドレスに、正引きと一致する名前がない",
		finding.FromMissing:         "差出人アドレスがない",
		finding.FromSeveral:         "From が複数あるか、差出人が複数いる",
		finding.FromMalformed:       "RFC 5322 が許さない差出人アドレス",
		finding.ReadingsDiffer:      "メールソフトによって表示される名前や件名が異なる",
		finding.Structure:           "標準から外れた構造",
		finding.LimitHit:            "上限に達し、一部は見ていない",
		finding.ChecksShed:          "混雑のため、必要な検査の一部を省いた",
	},
	ifs: map[Kind]func(*If) string{
		IfFinding: func(i *If) string { return joined(i.Findings) + " がなければ" },
		IfFewer:   func(i *If) string { return fmt.Sprintf("%d 点少なければ(%s)", i.Points, i.Where) },
		IfMore:    func(i *If) string { return fmt.Sprintf("さらに %d 点あれば(%s)", i.Points, i.Where) },
		IfBrand: func(i *If) string {
			return i.Brand + " が証明されていれば(From が " + orMore(i.Domains, "、") + " で、その DKIM か SPF)"
		},
		IfAuthor: func(i *If) string {
			return "From のドメイン " + joined(i.Domains) + " が DKIM か SPF で認証されていれば"
		},
		IfException: func(i *If) string { return "例外 " + i.Text + " があれば" },
		IfNoDeny:    func(i *If) string { return "例外(" + i.Where + ")がなければ" },
		IfEnforced:  func(*If) string { return "観察のみでなければ(mode: enforce)" },
	},
}
