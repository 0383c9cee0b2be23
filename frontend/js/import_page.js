// Loads the wizard's module and wakes the one island of the import page. The page names the module in an attribute of
// the island's surroundings, because its file name carries a hash.

import init, * as wizard from "./wizard.js";

const place = document.querySelector("[data-wizard]");
const island = place?.querySelector("leptos-island");
if (island) {
  try {
    await init({ module_or_path: new URL(place.dataset.wizard, location.origin) });
    wizard.hydrate();
    wizard[island.dataset.component]?.(island);
  } catch (error) {
    console.error(error);
    // The way without script is a form that lacks only its button: that is text inside an element for browsers without.
    const without = island.querySelector("noscript");
    if (without) without.outerHTML = without.textContent;
  }
}
