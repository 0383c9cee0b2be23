//! Proves the contrast of the colours that are used together, in light and dark, from the stylesheet itself.

mod tests;
