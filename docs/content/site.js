// The menu on narrow screens, and types of names in snippets under the pointer.
"use strict";
const menu = document.getElementById("menu");
const button = document.getElementById("menu-button");
button.addEventListener("click", () => button.setAttribute("aria-expanded", menu.classList.toggle("open")));

let shown = null;
const hide = () => {
  if (shown) shown.hidePopover();
  shown = null;
};
const show = name => {
  const tip = document.getElementById(name.dataset.fsdocsTip);
  if (!tip || tip === shown) return;
  hide();
  tip.showPopover();
  const place = name.getBoundingClientRect();
  const size = tip.getBoundingClientRect();
  const below = place.bottom + size.height + 8 < innerHeight;
  tip.style.left = Math.max(8, Math.min(place.left, innerWidth - size.width - 8)) + "px";
  tip.style.top = Math.max(8, below ? place.bottom + 4 : place.top - size.height - 4) + "px";
  shown = tip;
};
document.addEventListener("mouseover", e => {
  const name = e.target.closest("[data-fsdocs-tip]");
  if (name) show(name);
  else if (!e.target.closest(".fsdocs-tip")) hide();
});
document.addEventListener("scroll", hide);
