// Loads the wizard's module and wakes the one island of the import page. The page names the module in an attribute of
// the island's surroundings, because its file name carries a hash.

import init, * as wizard from "./wizard.js";

const place = document.querySelector("[data-wizard]");
const island = place?.querySelector("leptos-island");
if (island) {
  await init({ module_or_path: new URL(place.dataset.wizard, location.origin) });
  wizard.hydrate();
  wizard[island.dataset.component]?.(island);
}
