//! The cards that show what a file holds. The server draws them for the way without script, the wizard in the browser.

use domain::import::{
    Check, CheckedField, CheckedRow, ConsentClaim, Guess, GuessReason, Look, Outcome, Tally, Target,
};
use leptos::prelude::*;

use super::{heading_field, target_field};
use crate::ui::banner::Why;
use crate::ui::card::Card;
use crate::ui::chip::{Chip, Mark};
use crate::ui::field::{Select, SelectOption};
use crate::ui::format::{count, plural};
use crate::ui::icon::{Glyph, Icon, IconSize};
use crate::ui::stats::{Stat, Stats};
use crate::ui::table::{NotYet, Rows, Table};
use crate::ui::tone::{Fill, Tone};

/// Most countries named in one sentence.
const COUNTRIES_NAMED: usize = 4;

/// Which rows of a file are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shown {
    /// The first ones, whatever becomes of them.
    #[default]
    All,
    /// Those that become contacts with something to know.
    Noted,
    /// Those that cannot become contacts.
    Skipped,
}

impl Shown {
    /// Each, in the order of the filters.
    pub const ALL: [Self; 3] = [Self::All, Self::Noted, Self::Skipped];

    /// Its word.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::All => "First rows",
            Self::Noted => "With a note",
            Self::Skipped => "Skipped",
        }
    }

    /// As it stands in an address.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Noted => "noted",
            Self::Skipped => "skipped",
        }
    }

    /// How many there are.
    #[must_use]
    pub fn count(self, tally: &Tally) -> u64 {
        u64::from(match self {
            Self::All => tally.rows,
            Self::Noted => tally.noted,
            Self::Skipped => tally.skipped,
        })
    }

    fn rows(self, check: &Check) -> &[CheckedRow] {
        match self {
            Self::All => &check.first_rows,
            Self::Noted => &check.noted_rows,
            Self::Skipped => &check.skipped_rows,
        }
    }
}

/// The counts, in one row.
#[must_use]
pub fn tally_card(tally: &Tally) -> AnyView {
    let figure = |number: u32| count(number.into());
    let stats = vec![
        Stat::new("Ready", figure(tally.ready)).swatch(Fill::Positive),
        Stat::new("Ready with a note", figure(tally.noted)).swatch(Fill::Caution),
        Stat::new("Skipped", figure(tally.skipped)).swatch(Fill::Danger),
        Stat::new("Same person again", figure(tally.repeated)),
    ];
    view! {
        <Card id="tally" title="Result of the check" untitled=true>
            <Stats stats=stats/>
        </Card>
    }
    .into_any()
}

/// Where each column goes. `known` are the fields that contacts of the workspace have already.
#[must_use]
pub fn columns_card(look: &Look, known: &[String]) -> AnyView {
    let used = look.guesses.iter().filter(|guess| guess.target != Target::Ignore).count();
    let hint = format!("{used} of {} used", look.guesses.len());
    let rows = look
        .guesses
        .iter()
        .enumerate()
        .map(|(index, guess)| {
            let values = look.first_values.get(index).map(|values| values.join(", ")).unwrap_or_default();
            column(index, guess, values, known, look.shape.has_header)
        })
        .collect_view();
    view! {
        <Card id="columns" title="Columns" hint=hint>
            <Table label="Columns of the file" rows=Rows::Dense cards=true class="map">
                <thead>
                    <tr>
                        <th scope="col">"In your file"</th>
                        <th scope="col">"Goes to"</th>
                        <th scope="col">"First values"</th>
                        <th scope="col" class="hide-c">
                            "Why"
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </Card>
    }
    .into_any()
}

fn column(index: usize, guess: &Guess, values: String, known: &[String], has_header: bool) -> AnyView {
    let heading = guess.heading.clone();
    let options = targets(guess, known, has_header);
    let (tone, icon, why) = reason(guess.reason);
    view! {
        <tr>
            <td class="medium">
                <input type="hidden" name=heading_field(index) value=heading.clone()/>
                {heading.clone()}
            </td>
            <td>
                <Select
                    label=format!("{heading} goes to")
                    name=target_field(index)
                    options=options
                    value=guess.target.to_string()
                    class="select-s"
                />
            </td>
            <td class="t-2 s-12 cell-full">{values}</td>
            <td class="hide-c">
                <span class=format!("match-note {}", tone.class())>
                    <Glyph icon=icon size=IconSize::S/>
                    {why}
                </span>
            </td>
        </tr>
    }
    .into_any()
}

fn reason(reason: GuessReason) -> (Tone, Icon, String) {
    match reason {
        GuessReason::Heading => (Tone::Positive, Icon::Check, "Matched by name".to_owned()),
        GuessReason::Values(percent) => (Tone::Positive, Icon::Check, format!("{percent}% look like it")),
        GuessReason::OwnField => (Tone::Positive, Icon::Check, "Your field".to_owned()),
        GuessReason::LeftOut => (Tone::Neutral, Icon::Minus, "Left out".to_owned()),
    }
}

/// Where a column may go: everything, and the fields of the workspace.
fn targets(guess: &Guess, known: &[String], has_header: bool) -> Vec<SelectOption> {
    let mut options = vec![
        SelectOption::new("ignore", "Don’t import"),
        SelectOption::new("name", "Name"),
        SelectOption::new("first_name", "First name"),
        SelectOption::new("last_name", "Last name"),
        SelectOption::new("phone", "WhatsApp number"),
        SelectOption::new("email", "Email"),
        SelectOption::new("consent", "Agreed to marketing"),
    ];
    let own =
        domain::contact::AttributeKey::from_heading(&guess.heading).ok().map(|key| key.as_str().to_owned());
    let guessed = match &guess.target {
        Target::Attribute(key) => Some(key.as_str().to_owned()),
        _ => own.filter(|_| has_header),
    };
    let new = guessed.filter(|key| !known.contains(key));
    let fields = known.iter().map(|key| (key.clone(), "Field"));
    for (key, kind) in fields.chain(new.map(|key| (key, "New field"))) {
        let heading =
            key.parse::<domain::contact::AttributeKey>().map_or_else(|_| key.clone(), |key| key.heading());
        options.push(SelectOption::new(format!("attribute:{key}"), format!("{kind} “{heading}”")));
    }
    options
}

/// The card of the rows, with the filters in its head.
#[must_use]
pub fn rows_card(filters: AnyView, table: AnyView) -> AnyView {
    view! {
        <Card id="preview" title="Preview" end=filters>
            {table}
        </Card>
    }
    .into_any()
}

/// The first rows of a sort.
#[must_use]
pub fn rows_table(check: &Check, shown: Shown) -> AnyView {
    let rows = shown.rows(check);
    let total = shown.count(&check.tally);
    let cut = (total > rows.len() as u64)
        .then(|| format!("The first {} of {}.", count(rows.len() as u64), plural(total, "row", "rows")));
    let table = if rows.is_empty() {
        let text = match shown {
            Shown::All => "No rows yet.",
            Shown::Noted => "No row needs a note.",
            Shown::Skipped => "No row is skipped.",
        };
        view! { <p class="card-body s-13 t-2">{text}</p> }.into_any()
    } else {
        let rows = rows.iter().map(row).collect_view();
        view! {
            <Table label="Preview of rows" class="prev">
                <thead>
                    <tr>
                        <th scope="col">"Line"</th>
                        <th scope="col">"Name"</th>
                        <th scope="col">"WhatsApp number"</th>
                        <th scope="col">"Email"</th>
                        <th scope="col">"What happens"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        }
        .into_any()
    };
    view! {
        {table}
        {cut.map(|cut| view! { <p class="card-foot s-12 t-3">{cut}</p> })}
    }
    .into_any()
}

fn row(row: &CheckedRow) -> AnyView {
    let country = row.country.map(|(country, assumed)| {
        if assumed { format!("{} assumed", country.name()) } else { country.name().to_owned() }
    });
    let notes =
        row.notes.iter().map(|note| view! { <small class="t-2">{capital(note)}</small> }).collect_view();
    let assumed = row.country.is_some_and(|(_, assumed)| assumed);
    view! {
        <tr>
            <td class="rown">{row.line}</td>
            {cell(&row.name, None, false)}
            {cell(&row.phone, country, assumed)}
            {cell(&row.email, None, false)}
            <td>{outcome_chip(row)} {notes}</td>
        </tr>
    }
    .into_any()
}

fn cell(field: &CheckedField, remark: Option<String>, is_caution: bool) -> AnyView {
    if let Some(problem) = &field.problem {
        return view! {
            <td class="cell-danger">
                <span class="cellv">{field.text.clone()}</span>
                <small>{capital(problem)}</small>
            </td>
        }
        .into_any();
    }
    if field.text.is_empty() {
        return view! {
            <td>
                <NotYet reason="empty"/>
            </td>
        }
        .into_any();
    }
    let class = if is_caution { "t-caution" } else { "t-3" };
    view! {
        <td>
            <span class="num">{field.text.clone()}</span>
            {remark.map(|remark| view! { <small class=class>{remark}</small> })}
        </td>
    }
    .into_any()
}

fn outcome_chip(row: &CheckedRow) -> AnyView {
    let (tone, icon, word) = match row.outcome {
        Outcome::Ready if row.consent == Some(ConsentClaim::OptedOut) => {
            (Tone::Neutral, Icon::Shield, "Ready, opted out")
        }
        Outcome::Ready => (Tone::Positive, Icon::Check, "Ready"),
        Outcome::Skipped => (Tone::Danger, Icon::Skip, "Skipped"),
        Outcome::Noted if row.phone.problem.is_some() => (Tone::Caution, Icon::Warn, "Email only"),
        Outcome::Noted if row.email.problem.is_some() => (Tone::Caution, Icon::Warn, "Number only"),
        Outcome::Noted => (Tone::Caution, Icon::Warn, "Ready, see note"),
    };
    view! {
        <Chip tone=tone mark=Mark::Icon(icon)>
            {word}
        </Chip>
    }
    .into_any()
}

/// What was assumed about numbers without a country code, and where the others are.
#[must_use]
pub fn country_note(tally: &Tally) -> AnyView {
    let mut countries =
        tally.countries.iter().map(|(country, numbers)| (*country, *numbers)).collect::<Vec<_>>();
    countries.sort_by_key(|(_, numbers)| std::cmp::Reverse(numbers.written));
    let written = countries.iter().filter(|(_, numbers)| numbers.written > 0);
    let total = written.clone().count();
    let mut named = written
        .take(COUNTRIES_NAMED)
        .map(|(country, numbers)| format!("{} {}", country.name(), count(numbers.written.into())))
        .collect::<Vec<_>>();
    if total > COUNTRIES_NAMED {
        named.push(plural((total - COUNTRIES_NAMED) as u64, "other", "others"));
    }
    let own = (!named.is_empty()).then(|| format!("Written with a country code: {}.", named.join(", ")));
    let assumed = tally.assumed();
    let without = tally.problems.get(&domain::import::ReasonKind::PhoneWithoutCountry).map(|numbers| {
        format!("{} no country code. Choose their country beside, or they stay out.", has(*numbers))
    });
    let taken = (assumed > 0).then(|| {
        let country = countries
            .iter()
            .find(|(_, numbers)| numbers.assumed > 0)
            .map_or("", |(country, _)| country.name());
        format!(
            "{} no country code and {} taken for {country}.",
            has(assumed),
            if assumed == 1 { "is" } else { "are" }
        )
    });
    let text = [without, taken, own].into_iter().flatten().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return ().into_any();
    }
    view! { <Why icon=Icon::Globe>{text}</Why> }.into_any()
}

fn has(numbers: u32) -> String {
    format!("{} {}", plural(numbers.into(), "number", "numbers"), if numbers == 1 { "has" } else { "have" })
}

/// The button that imports: how many people, or why not.
#[must_use]
pub fn import_label(tally: &Tally) -> String {
    format!("Import {}", plural(tally.people().into(), "contact", "contacts"))
}

/// A reason as a sentence.
fn capital(reason: &str) -> String {
    let mut characters = reason.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
