// The box in the head of a list ticks all boxes of the form; words such as "chosen: 3" follow.
//
//   <input type="checkbox" hidden data-check-all="person">   ticks every <input name="person"> of its form
//   <output data-checked="person">                           number of the ticked ones

export function checkAll(box) {
  const name = box.dataset.checkAll;
  const boxes = [...box.form.elements].filter((e) => e.name === name && e.type === "checkbox" && !e.disabled);
  const outputs = box.form.querySelectorAll(`[data-checked="${CSS.escape(name)}"]`);

  const show = () => {
    const n = boxes.filter((b) => b.checked).length;
    box.checked = n > 0 && n === boxes.length;
    box.indeterminate = n > 0 && n < boxes.length;
    for (const output of outputs) {
      output.textContent = n;
    }
  };

  box.closest("[hidden]")?.removeAttribute("hidden");
  box.addEventListener("change", () => {
    for (const b of boxes) {
      b.checked = box.checked;
    }
    show();
  });
  box.form.addEventListener("change", show);
  show();
}
