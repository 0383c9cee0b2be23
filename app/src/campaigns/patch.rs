//! Puts new HTML in the place of old and touches only what differs: what a person points at, has the focus on, or has
//! opened stays the element it is, and a bar whose width changes moves.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlTemplateElement, Node};

/// What a person did to an element of ours, and no new HTML takes back.
const KEPT: &str = "open";

/// Makes the inside of an element like this HTML, which the server drew.
pub(super) fn patch(place: &Element, html: &str) {
    let document = place.owner_document();
    let template = document.and_then(|document| document.create_element("template").ok());
    if let Some(template) = template.and_then(|element| element.dyn_into::<HtmlTemplateElement>().ok()) {
        template.set_inner_html(html);
        children(place, &template.content());
    }
}

fn children(old: &Node, new: &Node) {
    let (mut from, mut to) = (old.first_child(), new.first_child());
    loop {
        (from, to) = match (from, to) {
            (None, None) => return,
            (Some(gone), None) => {
                let next = gone.next_sibling();
                let _ = old.remove_child(&gone);
                (next, None)
            }
            (None, Some(come)) => {
                let next = come.next_sibling();
                let _ = old.append_child(&come);
                (None, next)
            }
            (Some(was), Some(is)) => {
                let next = (was.next_sibling(), is.next_sibling());
                one(old, &was, &is);
                next
            }
        };
    }
}

fn one(parent: &Node, was: &Node, is: &Node) {
    if was.is_equal_node(Some(is)) {
        return;
    }
    match (was.dyn_ref::<Element>(), is.dyn_ref::<Element>()) {
        (Some(old), Some(new)) if old.tag_name() == new.tag_name() => {
            attributes(old, new);
            children(was, is);
        }
        (None, None) if was.node_type() == is.node_type() => was.set_node_value(is.node_value().as_deref()),
        _ => {
            let _ = parent.replace_child(is, was);
        }
    }
}

fn attributes(old: &Element, new: &Element) {
    for name in old.get_attribute_names().iter().filter_map(|name| name.as_string()) {
        if !new.has_attribute(&name) && name != KEPT {
            let _ = old.remove_attribute(&name);
        }
    }
    for name in new.get_attribute_names().iter().filter_map(|name| name.as_string()) {
        if let Some(value) =
            new.get_attribute(&name).filter(|value| old.get_attribute(&name).as_ref() != Some(value))
        {
            let _ = old.set_attribute(&name, &value);
        }
    }
}
