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

const checkBoxes = (root) => {
  if (root.querySelector("[data-check-all]")) {
    import("./list.mjs").then((list) => root.querySelectorAll("[data-check-all]").forEach(list.checkAll));
  }
};
checkBoxes(document);
if (document.querySelector("[data-live-search]")) {
  import("./search.mjs").then((search) => document.querySelectorAll("[data-live-search]").forEach((form) => search.start(form, checkBoxes)));
}
if (document.querySelector("[data-poll]")) {
  import("./poll.mjs").then((poll) => document.querySelectorAll("[data-poll]").forEach(poll.start));
}
if (document.querySelector("[data-alike]")) {
  import("./alike.mjs").then((alike) => document.querySelectorAll("[data-alike]").forEach(alike.start));
}
if (document.querySelector("[data-passkey]")) {
  import("./passkey.mjs").then((passkey) => document.querySelectorAll("[data-passkey]").forEach(passkey.start));
}
