//! The design system: what the product is drawn with. Components here know no feature; they take plain values and
//! render the markup that the files under `style/` give their look, one file per component, with the same names.
//!
//! Three rules keep them usable on any page and inside islands:
//! no `style` attribute (the content security policy forbids it: sizes travel in SVG attributes or classes),
//! no script needed (menus are popovers, dialogs are `<dialog>`, forms are forms),
//! no text that a page could not change.
//!
//! To add a component: a module here, a file in `style/`, an import in `style/main.css`, and a sample in
//! `examples/gallery`.

pub mod avatar;
pub mod banner;
pub mod bar;
pub mod brand;
pub mod button;
pub mod card;
pub mod chart;
pub mod chip;
pub mod choice;
pub mod code;
pub mod dialog;
pub mod empty;
pub mod error_state;
pub mod field;
pub mod file_drop;
pub mod form_errors;
pub mod format;
pub mod funnel;
pub mod groups;
pub mod icon;
pub mod kv;
pub mod menu;
pub mod meter;
#[cfg(feature = "hydrate")]
pub mod modal;
pub mod page_head;
pub mod pager;
pub mod phone;
pub mod skeleton;
pub mod spark;
pub mod stats;
pub mod steps;
pub mod table;
pub mod tabs;
pub mod timeline;
pub mod toast;
pub mod tone;
pub mod waterfall;
pub mod words;

#[cfg(test)]
mod contrast;
#[cfg(test)]
mod style_rules;
