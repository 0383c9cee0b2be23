//! Holds the stylesheets and the components to the rules of the design language.

mod tests;
