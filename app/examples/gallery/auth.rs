//! The sign-in page, after a wrong password.

use app::{
    shell::auth::AuthShell,
    ui::{
        button::{Button, Size, Variant},
        choice::Checkbox,
        field::{PasswordField, TextField},
    },
};
use leptos::prelude::*;

pub fn page() -> AnyView {
    view! {
        <AuthShell title="Sign in" subtitle="to fanfare.halden.example" foot="Fanfare runs on your own server.".into_any()>
            <form class="form" method="post" action="#">
                <TextField
                    label="Email"
                    name="email"
                    kind="email"
                    autocomplete="username"
                    value="signe@halden.example"
                    large=true
                />
                <PasswordField
                    label="Password"
                    name="password"
                    error="Email and password don’t match. 4 tries left."
                    large=true
                />
                <Checkbox name="stay" checked=true>
                    "Stay signed in for 30 days"
                </Checkbox>
                <Button variant=Variant::Primary size=Size::L block=true>
                    "Sign in"
                </Button>
            </form>
        </AuthShell>
    }
    .into_any()
}
