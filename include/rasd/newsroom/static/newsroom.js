// What the pages do beyond HTML: they work without it. No dependencies, nothing loaded from elsewhere.
"use strict";

// Inside the host's frame: the host's light or dark scheme, and links that lead to the host's own pages.
function host() {
  try {
    return window.parent !== window && window.parent.document ? window.parent : null;
  } catch {
    return null; // framed by another origin
  }
}

function followScheme(parent) {
  const theirs = parent.document.documentElement;
  const follow = () => {
    const dark = theirs.classList.contains("dark");
    if (dark || theirs.classList.contains("light")) document.documentElement.dataset.theme = dark ? "dark" : "light";
  };
  follow();
  new MutationObserver(follow).observe(theirs, { attributes: true, attributeFilter: ["class"] });
}

// Until the reader chooses a language here, the host's is as good a guess as the browser's.
function followLanguage(parent) {
  const page = document.documentElement;
  const theirs = (parent.localStorage.getItem("i18nextLng") ?? "").slice(0, 2);
  if (!("guessed" in page.dataset) || theirs === page.lang || !["ar", "en"].includes(theirs)) return;
  const address = new URL(location.href);
  address.searchParams.set("lang", theirs);
  location.replace(address);
}

// The host's frame may not navigate its top; the host's router listens to its own history.
function followHostLinks(parent) {
  for (const link of document.querySelectorAll("a[data-host]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      parent.history.pushState(null, "", link.getAttribute("href"));
      parent.dispatchEvent(new PopStateEvent("popstate", { state: null }));
    });
  }
}

// An article: a quote and its card in the margin light up together, and a tip names the speaker.
function linkQuotes() {
  const tip = document.getElementById("tip");
  if (!tip) return;
  const card = (number) => document.getElementById(`s${number}`);
  const light = (number, on) => {
    for (const part of document.querySelectorAll(`q[data-quote="${number}"], li[data-quote="${number}"]`)) part.classList.toggle("lit", on);
  };
  const show = (element) => {
    const from = card(element.dataset.quote);
    if (!from) return;
    tip.replaceChildren();
    for (const [selector, tag] of [[".who", "b"], [".role", "span"]]) {
      const text = from.querySelector(selector)?.textContent.trim();
      if (!text) continue;
      const line = document.createElement(tag);
      line.dir = "auto";
      line.textContent = text;
      tip.append(line);
    }
    tip.hidden = false;
    const box = element.getClientRects()[0];
    const left = Math.min(Math.max(8, box.left + box.width / 2 - tip.offsetWidth / 2), document.documentElement.clientWidth - tip.offsetWidth - 8);
    tip.style.left = `${left + window.scrollX}px`;
    tip.style.top = `${Math.max(box.top - tip.offsetHeight - 8, 4) + window.scrollY}px`;
    light(element.dataset.quote, true);
  };
  const hide = (element) => {
    tip.hidden = true;
    light(element.dataset.quote, false);
  };
  for (const element of document.querySelectorAll(".story [data-quote]")) {
    element.addEventListener("mouseenter", () => show(element));
    element.addEventListener("mouseleave", () => hide(element));
    element.addEventListener("focus", () => show(element));
    element.addEventListener("blur", () => hide(element));
  }
  for (const quote of document.querySelectorAll(".story q[data-quote]")) {
    quote.addEventListener("click", (event) => {
      if (event.target.closest("a, q") !== quote || !getSelection().isCollapsed) return;
      for (const lit of document.querySelectorAll("li.lit")) lit.classList.remove("lit");
      const target = card(quote.dataset.quote);
      target.classList.add("lit");
      target.scrollIntoView({ block: "nearest" });
      target.focus({ preventScroll: true });
    });
  }
}

// A search that was cut short goes on by itself until its page is full, or the reader stops it.
async function searchOn() {
  const list = document.querySelector(".results[data-full]");
  const full = Number(list?.dataset.full);
  let onward = document.querySelector(".onward[data-continue]");
  let stopped = false;
  while (list && onward && !stopped && list.children.length < full) {
    const button = onward.querySelector(".button");
    const status = onward.querySelector("[role=status]");
    const until = status.textContent;
    status.textContent = `${onward.dataset.going} ${until}`;
    button.textContent = onward.dataset.stop;
    button.addEventListener("click", (event) => {
      if (stopped) return;
      event.preventDefault();
      stopped = true;
    });
    const address = onward.dataset.continue;
    const answer = await fetch(address, { credentials: "same-origin" });
    if (!answer.ok) break;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    list.append(...page.querySelectorAll(".results > li"));
    const next = page.querySelector(".onward[data-continue]");
    const pages = page.querySelector(".pages [rel=next]");
    const nothing = list.children.length ? null : page.querySelector("p.empty");
    if (next) onward.replaceWith(next);
    else onward.replaceChildren(...[pages, nothing].filter(Boolean));
    onward = next;
  }
}

const parent = host();
if (parent) {
  followLanguage(parent);
  followScheme(parent);
  followHostLinks(parent);
}
linkQuotes();
searchOn();
