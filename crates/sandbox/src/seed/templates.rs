//! The seeded templates, written the way their owner would have.

use std::sync::Arc;

use super::{ACCOUNT_ID, OTHER_ACCOUNT_ID};
use crate::world::{Button, Category, Header, ParameterFormat, Template};

use Category::{Marketing, Utility};

/// All templates of both accounts.
pub(super) fn all() -> Vec<Arc<Template>> {
    let brasa = harvest().into_iter().chain(orders()).chain(loyalty()).chain(events()).chain(unsendable());
    let numbered = brasa
        .enumerate()
        .map(|(position, draft)| draft.at(ACCOUNT_ID, 600_000_000_000_001 + position as u64));
    let other = Draft::new("appointment_reminder", "en_GB", Utility)
        .body("Hello {{1}}, your check-up is on {{2}} at Northlight Dental.", &["Olivia", "Monday at 9:30"])
        .at(OTHER_ACCOUNT_ID, 600_000_000_000_101);
    numbered.chain([other]).map(Arc::new).collect()
}

/// The campaign of the season: header variable, three body variables, a quick reply and a personal link.
fn harvest() -> Vec<Draft> {
    let harvest = |language, header, city, body, examples: [&str; 3], footer, reply, open| {
        Draft::new("winter_harvest", language, Marketing)
            .header(header, Some(city))
            .body(body, &examples)
            .footer(footer)
            .quick_reply(reply)
            .url(open, "https://brasa.example/w/{{1}}", Some("https://brasa.example/w/ana"))
    };
    vec![
        harvest(
            "en",
            "Winter harvest in {{1}}",
            "Porto",
            "Hi {{1}}, the first bags of the winter harvest are out of the roaster. Take {{2}} off any of them until {{3}}, \
             in the shop or online.",
            ["Ana", "20%", "30 November"],
            "Reply STOP to opt out",
            "Save me a bag",
            "Order online",
        ),
        harvest(
            "en_GB",
            "Winter harvest in {{1}}",
            "London",
            "Hello {{1}}, our winter harvest has landed. Enjoy {{2}} off every bag until {{3}}, in the shop or online.",
            ["Olivia", "20%", "30 November"],
            "Reply STOP to opt out",
            "Save me a bag",
            "Order online",
        ),
        harvest(
            "pt_PT",
            "Colheita de inverno em {{1}}",
            "Lisboa",
            "Olá {{1}}, chegou a colheita de inverno. Tem {{2}} de desconto em qualquer saco até {{3}}, na loja ou online.",
            ["Inês", "20%", "30 de novembro"],
            "Responda SAIR para deixar de receber",
            "Guardem-me um saco",
            "Encomendar",
        ),
        harvest(
            "pt_BR",
            "Colheita de inverno em {{1}}",
            "São Paulo",
            "Oi {{1}}, a colheita de inverno chegou! Você ganha {{2}} em qualquer pacote até {{3}}, na loja ou no site.",
            ["Larissa", "20%", "30 de novembro"],
            "Responda SAIR para não receber mais",
            "Quero um pacote",
            "Pedir agora",
        ),
    ]
}

fn orders() -> Vec<Draft> {
    vec![
        Draft::new("order_ready", "en", Utility)
            .body(
                "Hi {{1}}, order {{2}} is packed and waiting for you at {{3}}. We are open until 19:00.",
                &["Ana", "BR-2041", "Rua das Flores 12"],
            )
            .url("Opening hours", "https://brasa.example/shops", None)
            .phone("Call the shop", "+351910000187"),
        Draft::new("order_ready", "pt_PT", Utility)
            .body(
                "Olá {{1}}, a encomenda {{2}} está pronta e à sua espera em {{3}}. Estamos abertos até às 19h.",
                &["Inês", "BR-2041", "Rua das Flores 12"],
            )
            .url("Horários", "https://brasa.example/shops", None)
            .phone("Ligar para a loja", "+351910000187"),
    ]
}

/// Templates with named variables.
fn loyalty() -> Vec<Draft> {
    vec![
        Draft::new("loyalty_points", "en", Marketing)
            .named()
            .body(
                "Hi {{first_name}}, you have {{points}} points on your Brasa card. At 150 the next flat white is on us.",
                &["Ana", "120"],
            )
            .footer("Reply STOP to opt out")
            .quick_reply("Show my card"),
        Draft::new("loyalty_points", "pt_BR", Marketing)
            .named()
            .body(
                "Oi {{first_name}}, seu cartão Brasa tem {{points}} pontos. Com 150, o próximo café é por nossa conta.",
                &["Larissa", "120"],
            )
            .footer("Responda SAIR para não receber mais")
            .quick_reply("Ver meu cartão"),
        Draft::new("club_welcome", "en", Marketing)
            .body("Welcome to the Brasa club! Every Friday we tell you what is fresh out of the roaster.", &[])
            .footer("Reply STOP to opt out")
            .quick_reply("Sounds great")
            .quick_reply("Not for me"),
    ]
}

fn events() -> Vec<Draft> {
    vec![
        Draft::new("tasting_invite", "pt_PT", Marketing)
            .named()
            .header("Prova de cafés em {{city}}", Some("Braga"))
            .body(
                "Olá {{first_name}}, no dia {{day}} abrimos cinco cafés novos e guardámos um lugar para si.",
                &["Duarte", "6 de dezembro"],
            )
            .footer("Responda SAIR para deixar de receber")
            .quick_reply("Conto comigo")
            .quick_reply("Desta vez não")
            .url(
                "Ver o programa",
                "https://brasa.example/provas/{{1}}",
                Some("https://brasa.example/provas/braga"),
            ),
        Draft::new("back_in_stock", "en_GB", Marketing)
            .header("Back on the shelf", None)
            .body(
                "Good news {{1}}: {{2}} is back, and this time we roasted more of it.",
                &["Harry", "Serra Negra"],
            )
            .footer("Reply STOP to opt out")
            .url("Get yours", "https://brasa.example/shop", None),
    ]
}

/// One of each status that cannot be sent.
fn unsendable() -> Vec<Draft> {
    vec![
        Draft::new("mothers_day", "en", Marketing)
            .body(
                "Hi {{1}}, surprise her with breakfast: our Mother's Day box ships until {{2}} this year.",
                &["Jack", "Thursday"],
            )
            .status("PENDING"),
        Draft::new("flash_sale", "pt_BR", Marketing)
            .body("{{1}} SÓ HOJE tudo pela metade do preço!!! Corra!", &["Otávio"])
            .status("REJECTED"),
        Draft::new("summer_iced", "en", Marketing)
            .body(
                "Hi {{1}}, iced coffee season is here and your first one is half price this week.",
                &["Sofia"],
            )
            .status("PAUSED"),
        Draft::new("old_menu", "en", Marketing)
            .body("Our new menu is out. Come and taste it this week.", &[])
            .status("DISABLED"),
    ]
}

/// A template being written.
struct Draft(Template);

impl Draft {
    fn new(name: &str, language: &str, category: Category) -> Self {
        Self(Template {
            id: String::new(),
            account_id: String::new(),
            name: name.to_owned(),
            language: language.to_owned(),
            category,
            status: "APPROVED".to_owned(),
            parameter_format: ParameterFormat::Positional,
            header: None,
            body: String::new(),
            body_examples: Vec::new(),
            footer: None,
            buttons: Vec::new(),
        })
    }

    fn named(mut self) -> Self {
        self.0.parameter_format = ParameterFormat::Named;
        self
    }

    fn header(mut self, text: &str, example: Option<&str>) -> Self {
        self.0.header = Some(Header::Text { text: text.to_owned(), example: example.map(str::to_owned) });
        self
    }

    fn body(mut self, text: &str, examples: &[&str]) -> Self {
        text.clone_into(&mut self.0.body);
        self.0.body_examples = examples.iter().map(|example| (*example).to_owned()).collect();
        self
    }

    fn footer(mut self, text: &str) -> Self {
        self.0.footer = Some(text.to_owned());
        self
    }

    fn quick_reply(mut self, text: &str) -> Self {
        self.0.buttons.push(Button::QuickReply { text: text.to_owned() });
        self
    }

    fn url(mut self, text: &str, url: &str, example: Option<&str>) -> Self {
        self.0.buttons.push(Button::Url {
            text: text.to_owned(),
            url: url.to_owned(),
            example: example.map(str::to_owned),
        });
        self
    }

    fn phone(mut self, text: &str, phone_number: &str) -> Self {
        self.0
            .buttons
            .push(Button::PhoneNumber { text: text.to_owned(), phone_number: phone_number.to_owned() });
        self
    }

    fn status(mut self, status: &str) -> Self {
        status.clone_into(&mut self.0.status);
        self
    }

    fn at(mut self, account_id: &str, id: u64) -> Template {
        account_id.clone_into(&mut self.0.account_id);
        self.0.id = id.to_string();
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::all;
    use crate::world::{Button, Header, Template, placeholders};

    /// The platform's own rules for new templates.
    fn problem(template: &Template) -> Option<&'static str> {
        let variables = placeholders(&template.body);
        if template.body.chars().count() > 1_024 || template.body.ends_with("}}") {
            return Some("body");
        }
        if variables.len() != template.body_examples.len() {
            return Some("one example for each body variable");
        }
        if let Some(Header::Text { text, example }) = &template.header
            && (text.chars().count() > 60 || placeholders(text).len() != usize::from(example.is_some()))
        {
            return Some("header");
        }
        if template.footer.as_ref().is_some_and(|footer| footer.chars().count() > 60) {
            return Some("footer");
        }
        let too_long = template.buttons.iter().any(|button| match button {
            Button::QuickReply { text } | Button::Url { text, .. } | Button::PhoneNumber { text, .. } => {
                text.chars().count() > 25
            }
        });
        too_long.then_some("button text")
    }

    #[test]
    fn approved_templates_keep_the_platforms_rules() {
        let templates = all();
        for template in templates.iter().filter(|template| template.status == "APPROVED") {
            assert_eq!(problem(template), None, "{} {}", template.name, template.language);
        }
        let ids: HashSet<&str> = templates.iter().map(|template| template.id.as_str()).collect();
        assert_eq!(ids.len(), templates.len());
        assert!(templates.len() > 12);
    }
}
