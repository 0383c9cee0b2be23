//! The HTML document around every page.

use std::collections::BTreeMap;

use http::request::Parts;
use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::app::App;
use crate::request::theme;
use crate::ui::icon::IconSprite;

/// What `cargo xtask build` made, as the server found it at its start. Pages get it from the context.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Site {
    /// What stands between name and extension of each built file, by its key in `hash.txt`.
    hashes: BTreeMap<String, String>,
}

impl Site {
    /// Reads the lines of `hash.txt`: `css: 0123456789abcdef`.
    pub fn parse(hash_file: &str) -> Self {
        let lines = hash_file.lines().filter_map(|line| line.split_once(':'));
        Self { hashes: lines.map(|(key, hash)| (key.trim().to_owned(), hash.trim().to_owned())).collect() }
    }

    /// Path of the style sheet.
    pub fn stylesheet(&self) -> String {
        self.file("css", "fanfare", "css").unwrap_or_else(|| "/pkg/fanfare.css".to_owned())
    }

    /// Whether there is a script for islands. Without one, pages work and islands stay as the server drew them.
    pub fn is_scripted(&self) -> bool {
        self.hashes.contains_key("js") && self.hashes.contains_key("wasm")
    }

    /// Paths of script and WASM of a module that a page loads by itself, such as `import`.
    pub fn module(&self, name: &str) -> Option<(String, String)> {
        let script = self.file(&format!("{name}-js"), name, "js")?;
        let wasm = self.file(&format!("{name}-wasm"), name, "wasm")?;
        Some((script, wasm))
    }

    fn file(&self, key: &str, name: &str, extension: &str) -> Option<String> {
        self.hashes.get(key).map(|hash| format!("/pkg/{name}.{hash}.{extension}"))
    }
}

/// The document, with [`App`] in it.
pub fn document(options: LeptosOptions) -> impl IntoView {
    let site = use_context::<Site>().unwrap_or_default();
    let theme = use_context::<Parts>().map(|parts| theme(&parts)).unwrap_or_default();
    let is_common = use_context::<Parts>().is_none_or(|parts| !has_own_script(parts.uri.path()));
    let scripts =
        (site.is_scripted() && is_common).then(|| view! { <HydrationScripts options=options islands=true/> });
    view! {
        <!DOCTYPE html>
        <html lang="en-GB" dir="ltr" data-theme=theme.attribute()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="robots" content="noindex, nofollow"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="stylesheet" href=site.stylesheet()/>
                {scripts}
                <MetaTags/>
            </head>
            <body>
                <IconSprite/>
                <App/>
            </body>
        </html>
    }
}

/// Whether a page brings its own script, with all its islands in it, in the place of the common one.
fn has_own_script(path: &str) -> bool {
    path == crate::imports::IMPORT_PATH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_files_are_found_by_their_keys() {
        let site = Site::parse("js: aa\nwasm: bb\ncss: cc\nimport-js: dd\nimport-wasm: ee\n");
        assert!(site.is_scripted());
        assert_eq!(site.stylesheet(), "/pkg/fanfare.cc.css");
        let module = site.module("import").expect("it was built");
        assert_eq!(module, ("/pkg/import.dd.js".to_owned(), "/pkg/import.ee.wasm".to_owned()));
        assert_eq!(site.module("other"), None);
        assert!(!Site::default().is_scripted());
    }
}
