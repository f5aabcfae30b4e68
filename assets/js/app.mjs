// What makes every page more comfortable. Nothing here is needed: without scripts all pages work the same way.

import { answersGet, guardForm, showFirstError } from "./form.mjs";

answersGet(document.querySelector(".govuk-error-summary, .b-versions"));

showFirstError(document.querySelector(".govuk-error-summary"));
for (const form of document.querySelectorAll("form[method=post]")) {
  guardForm(form);
}

// The current place in a navigation that scrolls on a narrow screen.
for (const link of document.querySelectorAll("nav [aria-current]")) {
  const list = link.closest("ul");
  if (list && list.scrollWidth > list.clientWidth) {
    list.scrollLeft = link.offsetLeft - (list.clientWidth - link.offsetWidth) / 2;
  }
}

// A filter above a list takes the whole of a small screen: fold it there unless it has just been used.
if (matchMedia("(max-width: 1180px)").matches) {
  for (const filter of document.querySelectorAll(".moj-filter[open]:not([data-used])")) {
    filter.open = false;
  }
}

// Menus close by Escape and by a click elsewhere.
const closeMenus = (except) => {
  for (const menu of document.querySelectorAll(".b-menu[open]")) {
    if (menu !== except) {
      menu.open = false;
    }
  }
};
document.addEventListener("click", (event) => closeMenus(event.target.closest(".b-menu")));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector(".b-menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

if (document.querySelector("[data-check-all]")) {
  import("./list.mjs").then((list) => document.querySelectorAll("[data-check-all]").forEach(list.checkAll));
}
if (document.querySelector("[data-poll]")) {
  import("./poll.mjs").then((poll) => document.querySelectorAll("[data-poll]").forEach(poll.start));
}
