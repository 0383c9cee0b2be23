//! The page before one is signed in: a form on one side, the promise of the product on the other.

use leptos::prelude::*;

use crate::ui::{
    bar::{Bar, BarRole, Segment, Swatch},
    brand::Brand,
    format::{count, people},
    tone::Fill,
    words::Words,
};

/// The frame of the pages before sign-in. Nothing of any workspace may be shown here; the figures are an example.
#[component]
pub fn AuthShell(
    /// What one does here: "Sign in".
    #[prop(into)]
    title: String,
    /// One line below: "to fanfare.example".
    #[prop(optional, into)]
    subtitle: Words,
    /// At the foot of the form's side.
    #[prop(optional_no_strip, into)]
    foot: Option<AnyView>,
    /// The form.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="auth">
            <main id="main" tabindex="-1">
                <Brand href="/" label="Fanfare"/>
                <div class="auth-form">
                    <div>
                        <h1>{title}</h1>
                        {subtitle.map(|subtitle| view! { <p class="t-2">{subtitle}</p> })}
                    </div>
                    {children()}
                </div>
                <p class="s-12 t-3">{foot}</p>
            </main>
            <aside class="auth-side" aria-label="About Fanfare">
                {arcs()}
                <h2>"Once to everyone."<br/>"Twice to no one."</h2>
                <p>"Each person of a campaign ends in one state, and the states add up to the audience."</p>
                {example()}
            </aside>
        </div>
    }
    .into_any()
}

/// Twenty arcs that go out from the lower corner like the mark's three; every third is dotted.
fn arcs() -> AnyView {
    let arcs = (0..20_i32)
        .map(|n| {
            let radius = 56 + 46 * n;
            let opacity = (85 - 6 * n).max(16);
            let stroke = (24 - n).max(12);
            view! {
                <path
                    d=format!("M0 -{radius}A{radius} {radius} 0 0 1 {radius} 0")
                    opacity=format!("0.{opacity:02}")
                    stroke-width=format!("{}.{}", stroke / 10, stroke % 10)
                    stroke-dasharray=(n % 3 == 1).then_some("2 9")
                ></path>
            }
        })
        .collect_view();
    view! {
        <svg class="arcs" viewBox="0 0 800 900" preserveAspectRatio="xMinYMax slice" aria-hidden="true">
            <g transform="translate(0 900)">{arcs}</g>
        </svg>
    }
    .into_any()
}

fn example() -> AnyView {
    let parts = [
        Segment::new("Sent", 11_727, Fill::Brass1),
        Segment::new("Failed", 131, Fill::Brass2),
        Segment::new("Skipped", 219, Fill::Neutral),
    ];
    let total = parts.iter().map(|part| part.count).sum();
    let legend = parts
        .iter()
        .map(|part| {
            view! {
                <li>
                    <Swatch fill=part.fill/>
                    {part.label.clone()}
                    " "
                    <b class="num">{count(part.count)}</b>
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="proof">
            <div class="row between">
                <b>"An example campaign"</b>
                <span class="num">{people(total)}</span>
            </div>
            <Bar segments=parts.to_vec() total=total role=BarRole::Decoration size=crate::ui::bar::BarSize::M/>
            <ul>
                {legend}
                <li>"Unaccounted for " <b class="num">"0"</b></li>
            </ul>
        </div>
    }
    .into_any()
}
