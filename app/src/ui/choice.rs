//! Things to tick and to choose between.

use leptos::prelude::*;

use super::{
    chip::{ChannelGlyph, ChannelMark, MarkSize},
    field::Wiring,
    words::Words,
};

/// A box to tick. The text is part of the target.
#[component]
pub fn Checkbox(
    /// The name in the form.
    #[prop(into)]
    name: String,
    /// The id, if it is not the name.
    #[prop(optional, into)]
    id: Words,
    /// What the form sends if it is ticked.
    #[prop(optional, into, default = "on".into())]
    value: String,
    /// Ticked at first.
    #[prop(optional)]
    checked: bool,
    /// Must be ticked.
    #[prop(optional)]
    required: bool,
    /// One line below the text.
    #[prop(optional, into)]
    hint: Words,
    /// What is wrong.
    #[prop(optional, into)]
    error: MaybeProp<String>,
    /// What is agreed to or switched on.
    children: Children,
) -> impl IntoView {
    let wiring = Wiring::new(id, &name, false, error);
    view! {
        <div class="check">
            <input
                type="checkbox"
                id=wiring.id()
                name=name
                value=value
                checked=checked
                required=required
                aria-invalid=wiring.invalid()
                aria-describedby=wiring.described_by()
            />
            <div class="grow">
                <label class="block" for=wiring.id()>
                    {children()}
                    {hint.map(|hint| view! { <small>{hint}</small> })}
                </label>
                {wiring.notes(None)}
            </div>
        </div>
    }
    .into_any()
}

/// One of several, as a line. Put them into a [`ChoiceGroup`].
#[component]
pub fn Radio(
    /// The name that the group shares.
    #[prop(into)]
    name: String,
    /// What the form sends.
    #[prop(into)]
    value: String,
    /// Chosen at first.
    #[prop(optional)]
    checked: bool,
    /// One line below the text.
    #[prop(optional, into)]
    hint: Words,
    /// What is chosen.
    children: Children,
) -> impl IntoView {
    let id = format!("{name}-{value}");
    view! {
        <div class="check">
            <input type="radio" id=id.clone() name=name value=value checked=checked/>
            <label for=id>{children()} {hint.map(|hint| view! { <small>{hint}</small> })}</label>
        </div>
    }
    .into_any()
}

/// A setting that acts at once, in an island. In a form use a [`Checkbox`].
#[component]
pub fn Switch(
    /// The name in the form.
    #[prop(into)]
    name: String,
    /// On at first.
    #[prop(optional)]
    checked: bool,
    /// What is switched.
    children: Children,
) -> impl IntoView {
    view! {
        <label class="row s-13">
            <input class="switch" type="checkbox" role="switch" name=name checked=checked/>
            {children()}
        </label>
    }
    .into_any()
}

/// One of several, as a card with a title and the consequence of choosing it.
#[component]
pub fn ChoiceCard(
    /// The name that the group shares.
    #[prop(into)]
    name: String,
    /// What the form sends.
    #[prop(into)]
    value: String,
    /// The choice.
    #[prop(into)]
    title: String,
    /// What choosing it means.
    #[prop(optional, into)]
    hint: Words,
    /// Chosen at first.
    #[prop(optional)]
    checked: bool,
    /// Cannot be chosen; the hint says why.
    #[prop(optional)]
    disabled: bool,
    /// The mark of a channel before the title.
    #[prop(optional_no_strip, into)]
    channel: Option<ChannelMark>,
    /// After the title: a chip, a count.
    #[prop(optional_no_strip, into)]
    aside: Option<AnyView>,
) -> impl IntoView {
    view! {
        <label class="choice">
            <input type="radio" name=name value=value checked=checked disabled=disabled required=true/>
            {channel.map(|channel| view! { <ChannelGlyph channel=channel size=MarkSize::S/> })}
            <span>
                <b>{title}</b>
                " "
                {aside}
                {hint.map(|hint| view! { <small>{hint}</small> })}
            </span>
        </label>
    }
    .into_any()
}

/// A question with its choices.
#[component]
pub fn ChoiceGroup(
    /// The question.
    #[prop(into)]
    legend: String,
    /// Said, but not shown, where a heading asks already.
    #[prop(optional)]
    legend_hidden: bool,
    /// What is wrong with the choice.
    #[prop(optional, into)]
    error: MaybeProp<String>,
    /// The id of the group, to which the summary of errors links.
    #[prop(into)]
    id: String,
    /// Radios or choice cards.
    children: Children,
) -> impl IntoView {
    let wiring = Wiring::new(id.into(), "", false, error);
    view! {
        <fieldset class="fieldset" id=wiring.id() tabindex="-1" aria-describedby=wiring.described_by()>
            <legend class=legend_hidden.then_some("vh")>{legend}</legend>
            {children()}
            {wiring.notes(None)}
        </fieldset>
    }
    .into_any()
}
