//! The people behind the numbers: always the same name and id for the same digits, and nobody real.

use crate::behaviour::{fnv1a, mix};
use crate::recipient::calling_code;

const FIRST_NAMES: [&str; 24] = [
    "Ana", "Inês", "João", "Maria", "Tomás", "Beatriz", "Duarte", "Sofia", "Emily", "Jack", "Olivia",
    "Harry", "Amélie", "Lukas", "Zoë", "Mateus", "Larissa", "Otávio", "Aisha", "Bjørn", "Chloé", "Rui",
    "Helena", "Niamh",
];
const LAST_NAMES: [&str; 16] = [
    "Silva",
    "Santos",
    "Ferreira",
    "Conceição",
    "Walker",
    "Murphy",
    "Araújo",
    "Costa",
    "Müller",
    "Oliveira",
    "Brandão",
    "Hughes",
    "Nóbrega",
    "Lopes",
    "Okafor",
    "Évora",
];

/// The profile name of a person.
pub(crate) fn name(wa_id: &str) -> String {
    let drawn = mix(fnv1a(wa_id));
    format!("{} {}", pick(&FIRST_NAMES, drawn), pick(&LAST_NAMES, drawn >> 32))
}

fn pick<'n>(names: &[&'n str], drawn: u64) -> &'n str {
    let position = drawn % names.len() as u64;
    names[usize::try_from(position).unwrap_or(0)]
}

/// The business-scoped user id of a person: country and a number that does not give the phone number away.
pub(crate) fn business_scoped_id(wa_id: &str) -> String {
    let country = match calling_code(wa_id) {
        "351" => "PT",
        "353" => "IE",
        "44" => "GB",
        "49" => "DE",
        "52" => "MX",
        "54" => "AR",
        "55" => "BR",
        "33" => "FR",
        "34" => "ES",
        "39" => "IT",
        "91" => "IN",
        _ => "US",
    };
    format!("{country}.{:020}", mix(fnv1a(wa_id) ^ 1))
}
