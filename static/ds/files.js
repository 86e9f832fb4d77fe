/* A page whose form takes files (a module): they may be dropped anywhere on the form, and what is chosen is told by
   name. Without it the control itself takes them. ES2018. */
const form = document.querySelector("[data-drop]");
const control = form.querySelector("[type=file]");
const told = form.querySelector("[data-chosen]");

const tell = () => {
  const names = Array.from(control.files, (file) => file.name);
  told.textContent = names.length ? `已选择 ${names.length} 个文件：${names.join("、")}` : "";
};
const carriesFiles = (event) => event.dataTransfer && Array.from(event.dataTransfer.types).includes("Files");
const over = (event) => carriesFiles(event) && form.contains(event.target);
const light = (on) => form.classList.toggle("is-over", on);

// Beside the form a file would be opened in place of the page.
document.addEventListener("dragover", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = over(event) ? "copy" : "none";
  light(over(event));
});
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) light(false); });
document.addEventListener("drop", (event) => {
  light(false);
  if (!carriesFiles(event)) return;
  event.preventDefault();
  if (!over(event) || !event.dataTransfer.files.length) return;
  control.files = event.dataTransfer.files;
  control.dispatchEvent(new Event("change", { bubbles: true }));
});
control.addEventListener("change", tell);
tell(); // the browser may bring back what was chosen
