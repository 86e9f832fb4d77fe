/* The product's only script (a module): it enhances pages that work without it. ES2018, no eval. */
const doc = document;
const page = doc.body.dataset;
const byId = (id) => doc.getElementById(id);
const on = (type, listener, target = doc) => target.addEventListener(type, listener);
const mark = (element, name, value) => value ? element.setAttribute(name, value) : element.removeAttribute(name);
const token = () => (doc.querySelector("[name=csrfmiddlewaretoken]") || {}).value || "";
let leaving = false; // a departure of ours asks nothing about unsaved changes

/* Inline validation. afterSettle: only then htmx has put the new classes in place. */
on("htmx:afterSettle", (event) => {
  const control = (event.detail.requestConfig || {}).elt;
  const message = control && control.name && byId("msg-" + control.name);
  if (!message) return;
  const wrong = message.classList.contains("is-err");
  mark(control, "aria-invalid", wrong && "true");
  mark(control, "aria-describedby", [control.id + "_helptext", control.id + "_error"].filter(byId).join(" "));
  const cell = control.closest(".f, .fp");
  if (cell) cell.classList.toggle("has-err", wrong);
});
const polls = (event) => /every/.test(event.detail.elt.getAttribute("hx-trigger"));
on("htmx:configRequest", (event) => {
  const headers = event.detail.headers;
  headers["X-CSRFToken"] = token();
  if (polls(event)) headers["X-Background"] = "1"; // nobody need be there
});
const trouble = (show) => { if (byId("trouble")) byId("trouble").hidden = !show; };
on("htmx:sendError", () => trouble(true));
on("htmx:responseError", () => trouble(true));
on("htmx:afterOnLoad", (event) => trouble(!event.detail.successful));

/* Links of the error summary focus the control, links to dialogs open them. */
on("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  if (!link) return;
  const around = link.closest("dialog");
  const target = byId(link.hash.slice(1));
  if (link.matches("[data-close]") && around.open) {
    event.preventDefault();
    around.close();
  } else if (target && target.showModal) {
    event.preventDefault();
    target.showModal();
  } else if (target && link.closest(".errsum")) {
    event.preventDefault();
    (target.querySelector("input, select, textarea") || target).focus();
    target.scrollIntoView({ block: "center" });
  }
});
on("keydown", (event) => {
  if (event.key !== " " || !event.target.matches("a[role=button]")) return;
  event.preventDefault();
  event.target.click();
});
const wrong = doc.querySelector(".errsum") || doc.querySelector("main [aria-invalid=true]");
if (wrong) wrong.focus();
const here = doc.querySelector(".side [aria-current]");
if (here) here.closest("ul").scrollLeft = here.offsetLeft - 16;

/* On a phone the list comes first. */
if (innerWidth < 768) doc.querySelectorAll("[data-fold]").forEach((fold) => { fold.open = false; });

/* Unsaved changes in forms marked data-guard ("dirty": it came back unsaved). */
const dirty = new Set(doc.querySelectorAll("form[data-guard=dirty]"));
on("input", ({ target }) => {
  if (target.closest("[data-guard]")) dirty.add(target.form);
  target.parentNode.classList.toggle("is-blank", !target.value);
});
on("beforeunload", (event) => {
  if (leaving || !dirty.size) return;
  event.preventDefault();
  event.returnValue = "";
}, window);

/* A second submit within 4 seconds is a double click. */
const sent = new Map();
const hold = (form, held) => Array.from(form.elements).forEach((button) => {
  if (button.type === "submit") mark(button, "aria-disabled", held && "true");
});
on("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (Date.now() - (sent.get(form) || 0) < 4000) return event.preventDefault();
  sent.set(form, Date.now());
  dirty.delete(form);
  hold(form, true);
  setTimeout(hold, 4000, form, false);
});
on("pageshow", (event) => {
  if (!event.persisted) return;
  sent.forEach((at, form) => hold(form, false));
  sent.clear();
}, window);

/* Idle time-out. Tabs keep in step through two timestamps, nothing personal. */
const [SEEN, GONE] = ["credit-seen", "credit-gone"];
const stored = (key, value) => {
  try {
    if (value) localStorage.setItem(key, value);
    return Number(localStorage.getItem(key));
  } catch (refused) { return value || 0; }
};
if ("signedOut" in page) stored(GONE, Date.now());
const idle = page.idleSeconds * 1000;
const dialog = byId("idle");
if (idle && dialog) {
  const warn = page.idleWarnSeconds * 1000;
  let active = false;
  let seen = 0;
  const alive = () => { seen = stored(SEEN, Date.now()); };
  const leave = (url) => { leaving = true; location.assign(url); };
  const expire = () => leave(page.signIn + "?expired=1");
  const keepAlive = () => {
    active = false;
    fetch(page.keepAlive, { method: "POST", redirect: "manual", headers: { "X-CSRFToken": token() } })
      .then((answer) => answer.ok ? alive() : expire(), () => trouble(true));
  };
  alive();
  ["keydown", "pointerdown", "wheel"].forEach((type) => on(type, () => { active = true; }));
  on("htmx:afterOnLoad", (event) => { if (!polls(event)) alive(); });
  on("click", keepAlive, byId("idle-stay"));
  on("cancel", (event) => { event.preventDefault(); keepAlive(); }, dialog);
  // signed out or locked in another tab
  on("storage", (event) => { if (event.key === GONE) leave(location.pathname + location.search); }, window);
  const tick = () => {
    const left = Math.max(seen, stored(SEEN)) + idle - Date.now();
    if (left <= 0) return leaving || expire();
    byId("idle-left").textContent = Math.ceil(left / 1000);
    if (left <= warn) return dialog.open || dialog.showModal();
    if (dialog.open) dialog.close();
    // somebody is at work: tell the server well before it counts as idle
    if (active && left < idle * 0.8) keepAlive();
  };
  setInterval(tick, 1000);
}
