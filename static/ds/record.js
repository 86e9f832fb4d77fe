/* The record form saves itself, keeps its progress, and can be worked by keyboard. Without it everything still works
   by the buttons. ES2018. */
const byId = (id) => document.getElementById(id);
const form = byId("record-form");
const url = form.dataset.autosave;
const field = (name) => form.querySelector(`[name=${name}]`);
const saveButton = form.querySelector("[name=action][value=save]");

/* --- by keyboard --- */
const beside = (rel) => document.querySelector(`.pager a[rel=${rel}]`);
document.addEventListener("keydown", (event) => {
  if (event.isComposing || document.querySelector("dialog[open]")) return;
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s") {
    event.preventDefault();
    if (url && !halted) save(true); else saveButton.click();
    return;
  }
  const rel = event.altKey && !event.ctrlKey && { ArrowUp: "prev", ArrowDown: "next" }[event.key];
  // in a list of choices Alt and arrow open it
  if (!rel || event.target.tagName === "SELECT" || !beside(rel)) return;
  event.preventDefault();
  beside(rel).click();
});
if (byId("keys")) byId("keys").hidden = false;

/* --- saving by itself --- */
const notice = byId("unsaved");
let timer = 0;
let running = null; // the save under way
let again = false; // something was typed during it
let changed = false; // something is not saved yet
let halted = false; // only a person can go on: conflict, or the record moved on
let touched = 0;

const tell = (text) => { byId("saved").textContent = text; };
const trouble = (text, kind) => {
  notice.hidden = !text;
  if (!text) return;
  tell("没有保存");
  notice.querySelector("p").textContent = text;
  notice.querySelectorAll("[data-unsaved]").forEach((one) => { one.hidden = one.dataset.unsaved !== kind; });
};
const keep = (answer) => {
  field("revision").value = answer.revision;
  field("base").value = answer.base;
  tell(answer.message);
  const bar = byId("progress");
  if (!bar) return;
  bar.value = answer.done;
  bar.setAttribute("aria-label", `已填写 ${answer.done} 项，共 ${answer.total} 项`);
  byId("filled").textContent = `${answer.done} / ${answer.total}`;
};
const EXPIRED = "登录已过期或已锁屏。填写的内容仍在本页。请在新窗口重新登录，回到本页会接着保存。";
const send = (keepalive) => fetch(url, {
  method: "POST",
  redirect: "manual",
  keepalive,
  headers: { "HX-Request": "true", "X-CSRFToken": field("csrfmiddlewaretoken").value },
  body: new URLSearchParams(new FormData(form)),
});
const settle = async (answer) => {
  if (answer.ok && answer.status === 200) {
    keep(await answer.json());
    return trouble("");
  }
  changed = true;
  if (answer.status === 409) {
    const told = await answer.json();
    halted = true;
    return trouble(`${told.message}${told.conflict ? "请点“逐项对照”选定每一项用哪一个。" : ""}`, told.conflict ? "conflict" : "");
  }
  if (answer.status === 401 || answer.status === 204 || answer.status === 403 || answer.type === "opaqueredirect") {
    return trouble(EXPIRED, "session");
  }
  trouble("系统没有接受这次保存。填写的内容仍在本页，请稍后再试。", "retry");
};
function save(now) {
  clearTimeout(timer);
  if (halted || !(changed || now)) return Promise.resolve();
  if (running) {
    again = true;
    return running;
  }
  changed = false;
  tell("正在保存");
  running = send(false).then(settle, () => {
    changed = true;
    trouble("网络不通。填写的内容仍在本页，请检查网络后再试。", "retry");
  }).then(() => {
    running = null;
    if (!again) return undefined;
    again = false;
    return save(true);
  });
  return running;
}
const soon = (wait) => {
  changed = true;
  touched = Date.now();
  clearTimeout(timer);
  timer = setTimeout(save, wait);
};
/* After signing in elsewhere the token is another one: the page as it is now has it. */
const renew = () => fetch(location.href, { redirect: "manual" })
  .then((answer) => (answer.ok ? answer.text() : Promise.reject()))
  .then((text) => {
    const token = new DOMParser().parseFromString(text, "text/html").querySelector("[name=csrfmiddlewaretoken]").value;
    document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((one) => { one.value = token; });
    return save(true);
  })
  .catch(() => {});

if (url) {
  form.removeAttribute("data-guard"); // from here on this script asks, and only about what is not saved
  form.addEventListener("input", () => soon(2500));
  form.addEventListener("change", () => soon(400));
  // A save under way would make the page's own act look like another person's.
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (running) {
      event.preventDefault();
      event.stopImmediatePropagation();
      again = false;
      const button = event.submitter || saveButton;
      running.then(() => form.requestSubmit(button));
      return;
    }
    changed = false;
  }, true);
  notice.addEventListener("click", (event) => {
    if (event.target.matches("[data-unsaved=retry]")) renew();
  });
  window.addEventListener("focus", () => { if (!notice.hidden && !halted) renew(); });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save();
  });
  window.addEventListener("beforeunload", (event) => {
    if (!changed) return;
    if (notice.hidden) return send(true); // typed a moment ago: goes out with the page
    if (Date.now() - touched > 60000) return; // nobody is here: the idle time-out may leave
    event.preventDefault();
    event.returnValue = "";
  });
}
