//! Writes the components and a few assembled screens, with sample data, as HTML files:
//! `cargo run -p app --features ssr --example gallery -- FOLDER STYLESHEET`, where STYLESHEET is the address of the
//! bundled `style/main.css` as seen from the files.

mod auth;
mod campaigns;
mod channels;
mod components;
mod fields;
mod import;
mod live;
mod review;
mod sample;

use std::{env, fs, io, path::PathBuf};

use app::{
    shell::{AppShell, Crumb, ShellData},
    ui::icon::IconSprite,
};
use leptos::prelude::*;

fn main() -> io::Result<()> {
    let mut arguments = env::args_os().skip(1);
    let (Some(folder), Some(stylesheet)) = (arguments.next().map(PathBuf::from), arguments.next()) else {
        return Err(io::Error::other(
            "two arguments are needed: the folder to write to, and the address of the stylesheet",
        ));
    };
    let stylesheet = stylesheet.to_string_lossy().into_owned();
    fs::create_dir_all(&folder)?;
    for (name, title, page) in pages() {
        let body = Owner::new().with(|| page().to_html());
        fs::write(folder.join(format!("{name}.html")), document(title, &stylesheet, &body))?;
    }
    Ok(())
}

type Page = fn() -> AnyView;

fn pages() -> [(&'static str, &'static str, Page); 7] {
    [
        ("components", "Components", || {
            shelled(sample::shell(vec![Crumb::here("Components")]), components::page())
        }),
        ("campaigns", "Campaigns", || {
            shelled(sample::shell(vec![Crumb::here("Campaigns")]), campaigns::page())
        }),
        ("live", "Spring seed swap", || shelled(sample::campaign_shell("Spring seed swap"), live::page())),
        ("review", "Review", || shelled(sample::campaign_shell("Review"), review::page())),
        ("import", "Import contacts", || shelled(sample::contacts_shell(), import::page())),
        ("channels", "Channels", || shelled(sample::channels_shell(), channels::page())),
        ("sign-in", "Sign in", || view! { <IconSprite/> {auth::page()} }.into_any()),
    ]
}

fn shelled(data: ShellData, page: AnyView) -> AnyView {
    let toasts = sample::toast();
    view! {
        <IconSprite/>
        <AppShell data=data toasts=toasts>
            {page}
        </AppShell>
    }
    .into_any()
}

fn document(title: &str, stylesheet: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en-GB\" dir=\"ltr\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title} · Fanfare</title><link rel=\"stylesheet\" href=\"{stylesheet}\"></head>\
         <body>{body}</body></html>"
    )
}
