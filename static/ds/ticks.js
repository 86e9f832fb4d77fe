/* A table of rows to be ticked (a module): one box ticks all of them, and [data-ticked] tell how many are. Without it
   each is ticked by itself. ES2018. */
const all = document.querySelector("[data-all]");
const boxes = Array.from(document.querySelectorAll("tbody [name=row]"));
const tell = () => {
  const count = boxes.filter((box) => box.checked).length;
  document.querySelectorAll("[data-ticked]").forEach((place) => { place.textContent = `已勾选 ${count} ${place.dataset.ticked || "份"}`; });
  all.checked = count === boxes.length;
};
if (all) {
  all.hidden = false;
  all.addEventListener("change", () => {
    boxes.forEach((box) => { box.checked = all.checked; });
    tell();
  });
  boxes.forEach((box) => box.addEventListener("change", tell));
  tell(); // the browser may bring back what was ticked
}
