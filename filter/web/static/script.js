// Keys, a chart that renews itself, and copying. Nothing needs it.
"use strict";

(() => {
  const items = () => [...document.querySelectorAll("#items a")];

  const move = (step) => {
    const all = items();
    if (all.length === 0) return;
    const at = all.indexOf(document.activeElement);
    const to = all[Math.min(Math.max(at + step, 0), all.length - 1)];
    to.focus();
    to.scrollIntoView({ block: "nearest" });
  };

  const unfold = (id) => {
    const details = document.getElementById(id);
    if (!details) return;
    details.open = !details.open;
    details.querySelector("summary").focus();
  };

  const keys = {
    j: () => move(1),
    k: () => move(-1),
    "/": () => document.getElementById("search")?.focus(),
    u: () => document.getElementById("back")?.click(),
    r: () => unfold("release"),
    d: () => unfold("erase"),
    n: () => document.querySelector("a[rel=next]")?.click(),
    p: () => document.querySelector("a[rel=prev]")?.click(),
  };

  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, select, textarea")) {
      if (e.key === "Escape") e.target.blur();
      return;
    }
    const act = keys[e.key];
    if (act) {
      e.preventDefault();
      act();
    }
  });

  // One question open at a time.
  document.querySelectorAll("details.confirm").forEach((details) => {
    details.addEventListener("toggle", () => {
      if (!details.open) return;
      document.querySelectorAll("details.confirm[open]").forEach((other) => {
        if (other !== details) other.open = false;
      });
    });
  });

  // A form is sent once: a second click does not ask again.
  document.querySelectorAll("form[method=post]").forEach((form) => {
    form.addEventListener("submit", (e) => {
      if (form.dataset.sent) e.preventDefault();
      form.dataset.sent = "yes";
    });
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
  });

  document.querySelectorAll("[data-copy]").forEach((button) => {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", () => navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent));
  });

  document.querySelectorAll("[data-renew]").forEach((place) => {
    setInterval(async () => {
      if (document.hidden) return;
      const answer = await fetch(place.dataset.renew, { redirect: "error" }).catch(() => null);
      if (!answer || !answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      place.replaceChildren(...fresh.body.childNodes);
    }, 10000);
  });
})();
