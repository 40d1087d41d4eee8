package finding

import (
	"testing"

	"sekisho/filter/claim"
	"sekisho/filter/proof"
)

// none is the proof of a message for whose From domain nothing was proved.
func none(domain string) proof.Proof {
	p := passes(domain)
	p.Identities, p.DKIM = nil, nil
	p.DMARC.Result, p.SPF.Result = "none", "none"
	return p
}

// letterCase is a message as people in several countries get it.
type letterCase struct {
	why    string
	fields string
	body   string
	proof  proof.Proof
	least  int
	most   int
}

// TestUnknownSenders holds what is said of phishing that poses as brands and as
// organisations that no list knows.
func TestUnknownSenders(t *testing.T) {
	link := `<p><a href="https://kx-9132.example.net/a">▶</a></p>`
	checkLetters(t, []letterCase{
		{"ja: an unknown credit union, nothing proved", "From: 架空信用組合 お客様センター <info@rqwtzx.example.com>\r\nSubject: 【重要】口座の利用を制限しました\r\n", "<p>お客様各位</p><p>第三者による不正利用の恐れがあります。本人確認をお願いします。</p>" + link, none("rqwtzx.example.com"), tagPoints, 99},
		{"ja: a water works from a free mailbox", "From: 架空市水道局 料金センター <suidou.pay@gmail.com>\r\nSubject: 水道料金の未払いについて\r\n", "<p>お支払いが確認できません。24時間以内にお支払いください。</p>" + link, passes("gmail.com"), tagPoints, 99},
		{"ja: Rakuten through a hosting service", "From: 楽天カード株式会社 <noreply@kx9132.web.app>\r\nSubject: 【楽天カード】お支払い方法に問題があります\r\n", "<p>楽天カード会員様</p>" + link, passes("kx9132.web.app"), quarantinePoints, 99},
		{"en: a health fund, nothing proved", "From: Harbour Health Fund Billing <no-reply@zx81.example.com>\r\nSubject: Payment failed: update your billing details\r\n", "<p>We were unable to process your payment. Your cover will be terminated.</p>" + link, none("zx81.example.com"), tagPoints, 99},
		{"en: a courier of an unknown name from a made-up domain", "From: Swift Parcel Delivery Service <xkqvtrz@a7b2c9d4.com>\r\nSubject: Your package is pending\r\n", "<p>Your package could not be delivered. Pay the customs fee.</p>" + link, passes("a7b2c9d4.com"), tagPoints, 99},
		{"de: a firm in From and subject, proved in another's name", "From: Total Schutzwerk <secure@barkhan.example>\r\nSubject: Ihr Total Schutzwerk Abonnement ist abgelaufen\r\n", link, passes("barkhan.example"), tagPoints, 99},
		{"en: a call about antivirus software", "From: Black Wilson <dollym332@sender.example>\r\nSubject: Your Renewal Has Been Received\r\n", "<p>Thank you for your purchase. Norton LifeLock: USD 399.99 has been charged.</p><p>To cancel, call us at +1 (808) 555-0143</p>", passes("sender.example"), tagPoints, 99},
		{"en: PayPal from a person", "From: Anna from PayPal <anna@sender.example>\r\nSubject: Unusual activity\r\n", "<p>Verify your account</p>" + link, passes("sender.example"), quarantinePoints, 99},
		{"de: a savings bank of an unknown name", "From: Kreisbank Musterland Kundenservice <service@mail.example.com>\r\nSubject: Ihr Konto wurde gesperrt\r\n", "<p>Bestätigen Sie Ihre Daten.</p>" + link, none("mail.example.com"), tagPoints, 99},
		{"de: DHL from a foreign domain", "From: DHL Paket <info@sender.example>\r\nSubject: Zustellung fehlgeschlagen\r\n", "<p>Zollgebühr offen</p>" + link, passes("sender.example"), quarantinePoints, 99},
		{"es: a tax office of a town", "From: Recaudación Municipal Aviso <aviso@mail.example.com>\r\nSubject: Último aviso: pago rechazado\r\n", "<p>Actualice su cuenta.</p>" + link, none("mail.example.com"), tagPoints, 99},
		{"pt: a tolls firm", "From: Pedágio Fácil Atendimento <atendimento@mail.example.com>\r\nSubject: Pagamento pendente\r\n", "<p>Regularize o pagamento pendente.</p>" + link, none("mail.example.com"), tagPoints, 99},
		{"pt: Correios", "From: Correios <aviso@sender.example>\r\nSubject: Sua encomenda foi taxada\r\n", "<p>Taxa de importação</p>" + link, passes("sender.example"), quarantinePoints, 99},
		{"fr: a mutual insurer", "From: Mutuelle du Pays Service Client <service@mail.example.com>\r\nSubject: Votre compte sera suspendu\r\n", "<p>Mettez à jour vos informations.</p>" + link, none("mail.example.com"), tagPoints, 99},
		{"fr: La Poste", "From: La Poste <colis@sender.example>\r\nSubject: Colis en attente\r\n", "<p>frais de livraison</p>" + link, passes("sender.example"), quarantinePoints, 99},
		{"hot-linked: PayPal's pictures, other links", "From: Account Service <a@sender.example>\r\nSubject: PayPal: unusual activity\r\n", `<img src="https://www.paypalobjects.com/logo.png" alt="PayPal"><p>Verify your account</p>` + link, passes("sender.example"), quarantinePoints, 99},
	})
}

// TestHonestNeighbours holds what is said of honest mail like it.
func TestHonestNeighbours(t *testing.T) {
	posted := passes("mill.example")
	posted.Identities = append(posted.Identities, proof.Identity{Domain: "lists.example.org", OrgDomain: "example.org", Method: proof.ByDKIM})
	checkLetters(t, []letterCase{
		{"ja: a shop's newsletter that takes cards", "From: 梅林堂オンラインショップ <news@bairindo.example>\r\nSubject: 【梅林堂】秋の新商品のご案内\r\n", "<h1>梅林堂</h1><p>PayPay、楽天ペイ、Amazon Payがご利用いただけます。</p><a href='https://bairindo.example/aki'>見る</a><p>© 梅林堂</p>", passes("bairindo.example"), 0, tagPoints - 1},
		{"ja: a payment that failed at a small shop", "From: 梅林堂オンラインショップ <order@bairindo.example>\r\nSubject: お支払い方法に問題があります\r\n", "<p>カード情報をご確認ください。</p><a href='https://bairindo.example/pay'>お支払い</a>", passes("bairindo.example"), 0, tagPoints - 1},
		{"ja: a school warns of fakes", "From: 情報センター <center@st.mgu.ac.jp>\r\nSubject: 【注意喚起】楽天を騙るフィッシングメール\r\n", "<p>件名「【楽天】アカウントは停止されています」のメールが届いています。</p><a href='https://st.mgu.ac.jp/csirt'>詳細</a>", passes("st.mgu.ac.jp"), 0, tagPoints - 1},
		{"ja: a colleague passes on a parcel notice", "From: 山田花子 <hanako@kaisha.example>\r\nSubject: Fwd: 【ヤマト運輸】お届けのお知らせ\r\n", "<p>受け取りお願いします。</p><p>---------- Forwarded message</p><p>From: ヤマト運輸</p><p>再配達のご案内</p><a href='https://toi.kuronekoyamato.co.jp/'>追跡</a>", passes("kaisha.example"), 0, tagPoints - 1},
		{"ja: an answer about a bill of Amazon", "From: 鈴木 <suzuki@kaisha.example>\r\nSubject: Re: Amazonの請求書の件\r\nIn-Reply-To: <1@kaisha.example>\r\n", "<p>確認しました。未払いはありません。</p>", passes("kaisha.example"), 0, tagPoints - 1},
		{"en: a newsletter through a service", "From: Hillside Bakery <hello@hillsidebakery.example>\r\nSubject: Your order is on its way\r\n", "<p>Track it with UPS or FedEx.</p><a href='https://hillsidebakery.example/o'>order</a><a href='https://www.facebook.com/hillside'><img alt='Facebook' src='https://hillsidebakery.example/f.png'></a><a href='https://www.instagram.com/h'><img alt='Instagram' src='https://hillsidebakery.example/i.png'></a>", passes("hillsidebakery.example"), 0, tagPoints - 1},
		{"en: a real subscription of a small firm that failed", "From: Inkwell Billing <billing@inkwell-app.example>\r\nSubject: Payment failed\r\n", "<p>We were unable to process your payment. Update your payment method.</p><a href='https://pay.inkwell-app.example/'>update</a>", passes("inkwell-app.example"), 0, tagPoints - 1},
		{"en: the same without proof", "From: Inkwell Billing <billing@inkwell-app.example>\r\nSubject: Payment failed\r\n", "<p>We were unable to process your payment. Update your payment method.</p><a href='https://pay.inkwell-app.example/'>update</a>", none("inkwell-app.example"), 0, tagPoints - 1},
		{"en: a post to a list", "From: Anna Miller <anna@mill.example>\r\nSubject: [apple-dev] Action required: security alert in the PayPal module\r\nList-Id: <apple-dev.lists.example.org>\r\nList-Post: <mailto:apple-dev@lists.example.org>\r\n", "<p>PayPal changed its interface.</p><a href='https://lists.example.org/1'>archive</a>", posted, 0, tagPoints - 1},
		{"en: a repair shop that fixes what a brand made", "From: Quick Fix Repairs <desk@quickfix.example>\r\nSubject: Your Apple MacBook is ready\r\n", "<p>Call us at (808) 555-0143 about the invoice.</p><a href='https://quickfix.example/'>us</a>", passes("quickfix.example"), 0, tagPoints - 1},
		{"en: a reseller's renewal", "From: Digital Riverside <orders@digitalriverside.example>\r\nSubject: Order confirmation: Norton 360\r\n", "<p>Thank you for your purchase of Norton 360. Contact support: (808) 555-0143</p><a href='https://digitalriverside.example/o'>order</a>", passes("digitalriverside.example"), 0, tagPoints - 1},
		{"de: a club's reminder", "From: Turnverein Musterdorf Kasse <kasse@tv-musterdorf.example>\r\nSubject: Letzte Mahnung Beitrag\r\n", "<p>Bitte überweisen Sie den Beitrag an die Sparkasse.</p><a href='https://tv-musterdorf.example/'>Verein</a>", passes("tv-musterdorf.example"), 0, tagPoints - 1},
		{"de: a shop with PayPal and DHL", "From: Blumen Schmidt <shop@blumen-schmidt.example>\r\nSubject: Ihre Bestellung mit PayPal\r\n", "<p>Versand mit DHL. © Blumen Schmidt</p><a href='https://blumen-schmidt.example/o'>Bestellung</a>", passes("blumen-schmidt.example"), 0, tagPoints - 1},
		{"es: a booking", "From: Hotel Sol y Mar <reservas@solymar.example>\r\nSubject: Su reserva en Booking.com\r\n", "<p>Confirme su llegada. Pago rechazado: llámenos.</p><a href='https://solymar.example/r'>reserva</a>", passes("solymar.example"), 0, tagPoints - 1},
		{"pt: a school", "From: Escola Primavera Secretaria <secretaria@escolaprimavera.example>\r\nSubject: Pagamento pendente da mensalidade\r\n", "<p>Regularize até sexta.</p><a href='https://escolaprimavera.example/'>Escola</a>", passes("escolaprimavera.example"), 0, tagPoints - 1},
		{"fr: an association", "From: Association des Parents <contact@parents-ecole.example>\r\nSubject: Dernier rappel: cotisation\r\n", "<p>Confirmez votre présence.</p><a href='https://parents-ecole.example/'>site</a>", passes("parents-ecole.example"), 0, tagPoints - 1},
		{"de: the same firm from its own domain", "From: Total Schutzwerk <secure@schutzwerk.example>\r\nSubject: Ihr Total Schutzwerk Abonnement ist abgelaufen\r\n", "<a href='https://pay.example.net/'>x</a>", passes("schutzwerk.example"), 0, tagPoints - 1},
		{"fr: a person", "From: Jean Dupont <jean.dupont@gmail.com>\r\nSubject: La Poste a perdu mon colis\r\n", "<p>Mon colis en attente est à La Poste.</p><a href='https://photos.example.net/1'>photo</a>", passes("gmail.com"), 0, tagPoints - 1},
		{"a person of a long foreign name, nothing proved", "From: Maria del Carmen Hernandez Garcia <maria@mail.example.com>\r\nSubject: verify your address\r\n", "<p>Please confirm your address for the wedding.</p><a href='https://wedding.example.net/'>site</a>", none("mail.example.com"), 0, tagPoints - 1},
	})
}

func checkLetters(t *testing.T, cases []letterCase) {
	t.Helper()
	c := catalogue(t)
	r := claim.NewReader(c)
	for _, k := range cases {
		m := page(t, k.fields, k.body)
		found := Relate(Input{Message: m, Proof: k.proof, Claims: r.Read(m), Sender: r.Sender(m), Catalogue: c})
		if sum := points(found); sum < k.least || sum > k.most {
			t.Errorf("%s: %d points, want %d to %d:", k.why, sum, k.least, k.most)
			for _, f := range found {
				t.Errorf("    %s %d: %s", f.Name, f.Name.DefaultPoints(), f.Why)
			}
		}
	}
}
