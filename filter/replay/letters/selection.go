package letters

// theme is what mail of a brand is about; it chooses the texts.
type theme string

const (
	shop       theme = "shop"
	card       theme = "card"
	bank       theme = "bank"
	securities theme = "securities"
	parcel     theme = "parcel"
	telecom    theme = "telecom"
	transport  theme = "transport"
	office     theme = "office" // authorities
	utility    theme = "utility"
	member     theme = "member" // streaming, software, social networks
	wallet     theme = "wallet" // payment and crypto
)

// selection is the hundred brands, by theme: those that the reports of the
// Japanese Council of Anti-Phishing and JPCERT name most often.
func selection() []struct {
	theme theme
	ids   []string
} {
	return []struct {
		theme theme
		ids   []string
	}{
		{shop, []string{"amazon", "rakuten", "mercari", "yahoo-japan", "qoo10", "aeon", "yodobashi", "biccamera", "nitori", "uniqlo",
			"zozo", "costco", "lawson", "seven-eleven", "familymart", "takashimaya", "shein", "temu"}},
		{card, []string{"smbc-card", "rakuten-card", "jcb", "amex", "visa", "mastercard", "epos-card", "saison-card", "aeon-card",
			"view-card", "orico", "paypay-card", "mufg-card", "life-card", "uc-card", "jaccs", "pocket-card", "tokyu-card", "ts-cubic"}},
		{bank, []string{"smbc", "mufg-bank", "mizuho", "japan-post-bank", "rakuten-bank", "aeon-bank", "seven-bank", "resona",
			"jibun-bank", "paypay-bank", "sony-bank", "netbk", "yokohama-bank", "ja-bank", "sbi-shinsei"}},
		{securities, []string{"nomura", "sbi-sec", "rakuten-sec", "monex", "matsui", "daiwa", "smbc-nikko", "gmo-click", "mufg-esmart"}},
		{parcel, []string{"yamato", "sagawa", "japan-post", "fedex", "dhl"}},
		{telecom, []string{"docomo", "au", "softbank", "biglobe", "nifty", "ocn", "so-net", "jcom"}},
		{transport, []string{"etc-meisai", "eki-net", "mobile-suica", "ana", "jal", "jr-west"}},
		{office, []string{"nta", "mhlw", "myna", "nenkin"}},
		{utility, []string{"tepco", "kepco", "tokyo-gas", "nhk"}},
		{member, []string{"apple", "microsoft", "google", "netflix", "line", "instagram"}},
		{wallet, []string{"paypay", "paidy", "paypal", "bitflyer", "coincheck", "binance"}},
	}
}
