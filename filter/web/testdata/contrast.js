// What of the open page does not stand out from what is behind it, as lines of text:
// texts (WCAG 2.2, 1.4.3), and the ring around what has the focus (1.4.11).
(() => {
  const found = new Set();
  const rgba = (text) => {
    const n = text.match(/[\d.]+/g).map(Number);
    return n.length < 4 ? [...n, 1] : n;
  };
  const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const behind = (e) => {
    const layers = [];
    for (; e; e = e.parentElement) {
      const c = rgba(getComputedStyle(e).backgroundColor);
      if (c[3] > 0) layers.unshift(c);
      if (c[3] === 1) break;
    }
    return layers.reduce((under, top) => over(top, under), [255, 255, 255, 1]);
  };
  const luminance = (c) => [0.2126, 0.7152, 0.0722].reduce((sum, part, i) => {
    const v = c[i] / 255;
    return sum + part * (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  }, 0);
  const ratio = (ink, back) => {
    const [dark, bright] = [luminance(over(ink, back)), luminance(back)].sort((x, y) => x - y);
    return (bright + 0.05) / (dark + 0.05);
  };
  const name = (e) => `${e.tagName.toLowerCase()}.${e.className}`;

  document.querySelectorAll("body *").forEach((e) => {
    if (e.closest("svg, .hidden, .skip") || !e.checkVisibility() || ![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) return;
    const style = getComputedStyle(e);
    const ink = rgba(style.color);
    for (let p = e; p; p = p.parentElement) ink[3] *= Number(getComputedStyle(p).opacity);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const is = ratio(ink, behind(e));
    if (is < (large ? 3 : 4.5)) found.add(`text ${is.toFixed(1)} to 1: ${name(e)}`);
  });

  const focus = document.querySelector(":focus-visible");
  if (focus && focus.tagName !== "IFRAME") {
    const style = getComputedStyle(focus);
    const is = ratio(rgba(style.outlineColor), behind(parseFloat(style.outlineOffset) < 0 ? focus : focus.parentElement));
    if (is < 3) found.add(`ring ${is.toFixed(1)} to 1: ${name(focus)}`);
  }
  return [...found];
})()
