//! The customers a sandbox starts with: a coffee roaster with two accounts' worth of trouble around it.
//!
//! | What | Value |
//! | --- | --- |
//! | App | id `1000000000000001`, secret `sandbox-app-secret`, verify token `sandbox-verify-token` |
//! | Portfolio | `400000000000001` Brasa Coffee, `TIER_100K`, owns the account |
//! | Account | `200000000000001` Brasa Coffee |
//! | Numbers | `300000000000001` +351 910 000 187; `300000000000002` +351 910 000 188, also in the business app (20 a second); `300000000000003` +351 910 000 189, not registered (133010); `300000000000004` +351 910 000 190, upgraded to 1,000 a second |
//! | Other account | `200000000000002` Northlight Dental, of portfolio `400000000000002` with `TIER_2K`, with number `300000000000101` +44 20 7946 0101 |
//! | `sandbox-token` | sees both accounts |
//! | `sandbox-token-other` | sees the other account only |
//! | `sandbox-token-readonly` | may manage, but not send |
//! | `sandbox-token-expired`, `sandbox-token-revoked` | 190 with subcode 463 and 460; any other text is 190 without subcode |

mod templates;

use std::collections::{BTreeMap, HashMap};

use crate::world::{Account, App, Number, Portfolio, Token, TokenState, World};

/// The token that sees everything.
pub const TOKEN: &str = "sandbox-token";
/// A token of the other account only.
pub const TOKEN_OF_OTHER_ACCOUNT: &str = "sandbox-token-other";
/// A token that lacks the permission to send.
pub const TOKEN_WITHOUT_MESSAGING: &str = "sandbox-token-readonly";
/// A token whose time is over.
pub const EXPIRED_TOKEN: &str = "sandbox-token-expired";
/// A token that was taken back.
pub const REVOKED_TOKEN: &str = "sandbox-token-revoked";
/// App id.
pub const APP_ID: &str = "1000000000000001";
/// Key of the webhook signature.
pub const APP_SECRET: &str = "sandbox-app-secret";
/// What the verification handshake of the app-level callback sends.
pub const VERIFY_TOKEN: &str = "sandbox-verify-token";
/// The account with the templates.
pub const ACCOUNT_ID: &str = "200000000000001";
/// The portfolio that owns that account.
pub const PORTFOLIO_ID: &str = "400000000000001";
/// The number to send with.
pub const NUMBER_ID: &str = "300000000000001";
/// A number that is also in the WhatsApp Business app.
pub const BIZ_APP_NUMBER_ID: &str = "300000000000002";
/// A number that was never registered.
pub const UNREGISTERED_NUMBER_ID: &str = "300000000000003";
/// A number upgraded to a thousand a second.
pub const FAST_NUMBER_ID: &str = "300000000000004";
/// An unrelated account.
pub const OTHER_ACCOUNT_ID: &str = "200000000000002";
/// The portfolio that owns it.
pub const OTHER_PORTFOLIO_ID: &str = "400000000000002";
/// The unrelated account's number.
pub const OTHER_NUMBER_ID: &str = "300000000000101";

/// 2026-01-05, when every seeded token was issued.
const ISSUED_AT: u64 = 1_767_571_200;

/// The world as described above. Both accounts are subscribed, so that a callback address is all it takes.
pub fn world() -> World {
    World {
        app: App {
            id: APP_ID.to_owned(),
            secret: APP_SECRET.to_owned(),
            name: "Fanfare Sandbox".to_owned(),
            callback_url: None,
            verify_token: VERIFY_TOKEN.to_owned(),
        },
        portfolios: portfolios(),
        accounts: accounts(),
        numbers: numbers(),
        templates: templates::all(),
        tokens: tokens(),
    }
}

fn portfolios() -> BTreeMap<String, Portfolio> {
    let portfolio = |id: &str, name: &str, limit: &str| Portfolio {
        id: id.to_owned(),
        name: name.to_owned(),
        messaging_limit: limit.to_owned(),
    };
    let all = [
        portfolio(PORTFOLIO_ID, "Brasa Coffee", "TIER_100K"),
        portfolio(OTHER_PORTFOLIO_ID, "Northlight Dental", "TIER_2K"),
    ];
    all.into_iter().map(|portfolio| (portfolio.id.clone(), portfolio)).collect()
}

fn accounts() -> BTreeMap<String, Account> {
    let account = |id: &str, name: &str, currency: &str, country: &str, portfolio: &str| Account {
        id: id.to_owned(),
        name: name.to_owned(),
        currency: currency.to_owned(),
        country: country.to_owned(),
        portfolio_id: portfolio.to_owned(),
        subscribed: true,
        override_callback: None,
    };
    let all = [
        account(ACCOUNT_ID, "Brasa Coffee", "EUR", "PT", PORTFOLIO_ID),
        account(OTHER_ACCOUNT_ID, "Northlight Dental", "GBP", "GB", OTHER_PORTFOLIO_ID),
    ];
    all.into_iter().map(|account| (account.id.clone(), account)).collect()
}

fn numbers() -> BTreeMap<String, Number> {
    let number = |id: &str, account_id: &str, display: &str, name: &str| Number {
        id: id.to_owned(),
        account_id: account_id.to_owned(),
        display_phone_number: display.to_owned(),
        verified_name: name.to_owned(),
        quality_rating: "GREEN".to_owned(),
        status: "CONNECTED".to_owned(),
        throughput_level: "STANDARD".to_owned(),
        is_on_biz_app: false,
        registered: true,
        override_callback: None,
    };
    let all = [
        number(NUMBER_ID, ACCOUNT_ID, "+351 910 000 187", "Brasa Coffee"),
        Number {
            is_on_biz_app: true,
            ..number(BIZ_APP_NUMBER_ID, ACCOUNT_ID, "+351 910 000 188", "Brasa Coffee Roastery")
        },
        Number {
            registered: false,
            status: "PENDING".to_owned(),
            quality_rating: "UNKNOWN".to_owned(),
            ..number(UNREGISTERED_NUMBER_ID, ACCOUNT_ID, "+351 910 000 189", "Brasa Coffee Events")
        },
        Number {
            throughput_level: "HIGH".to_owned(),
            ..number(FAST_NUMBER_ID, ACCOUNT_ID, "+351 910 000 190", "Brasa Coffee Club")
        },
        number(OTHER_NUMBER_ID, OTHER_ACCOUNT_ID, "+44 20 7946 0101", "Northlight Dental"),
    ];
    all.into_iter().map(|number| (number.id.clone(), number)).collect()
}

fn tokens() -> HashMap<String, Token> {
    const MANAGEMENT: &str = "whatsapp_business_management";
    const MESSAGING: &str = "whatsapp_business_messaging";
    let token = |accounts: &[&str], scopes: &[&str], state| Token {
        accounts: accounts.iter().map(|id| (*id).to_owned()).collect(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        state,
        issued_at: ISSUED_AT,
    };
    let both = [MANAGEMENT, MESSAGING];
    let all = [
        (TOKEN, token(&[ACCOUNT_ID, OTHER_ACCOUNT_ID], &both, TokenState::Valid)),
        (TOKEN_OF_OTHER_ACCOUNT, token(&[OTHER_ACCOUNT_ID], &both, TokenState::Valid)),
        (TOKEN_WITHOUT_MESSAGING, token(&[ACCOUNT_ID], &[MANAGEMENT], TokenState::Valid)),
        (EXPIRED_TOKEN, token(&[ACCOUNT_ID], &both, TokenState::Expired)),
        (REVOKED_TOKEN, token(&[ACCOUNT_ID], &both, TokenState::Revoked)),
    ];
    all.into_iter().map(|(text, token)| (text.to_owned(), token)).collect()
}
