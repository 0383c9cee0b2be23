//! Forms, with and without mistakes.

use app::ui::{
    card::{Card, CardBody},
    chip::{ChannelMark, Chip},
    choice::{Checkbox, ChoiceCard, ChoiceGroup, Radio, Switch},
    field::{PasswordField, SearchField, SelectField, SelectOption, TextArea, TextField},
    file_drop::FileDrop,
    form_errors::{FieldError, FormErrors},
    tone::Tone,
};
use leptos::prelude::*;

pub fn card() -> AnyView {
    let errors = vec![
        FieldError::new("phone-id", "A phone number id has 15 digits; this has 14."),
        FieldError::new("consent", "Say where these people agreed."),
    ];
    let wrong = FieldError::of(&errors, "phone-id");
    view! {
        <Card id="fields" title="Fields">
            <CardBody>
                <FormErrors errors=errors/>
                <div class="form-row">
                    <TextField
                        label="Name"
                        name="name"
                        optional=true
                        placeholder="For your team only"
                        help="People who get it never see this."
                    />
                    <TextField label="Phone number id" name="phone-id" value="10012345678901" inputmode="numeric" error=wrong/>
                </div>
                <div class="form-row">
                    <PasswordField label="Password" name="password" new=true help="At least 12 characters."/>
                    <SelectField
                        label="Country of numbers"
                        name="country"
                        options=vec![SelectOption::new("NO", "Norway (+47)"), SelectOption::new("SE", "Sweden (+46)")]
                        value="NO"
                        help="For numbers without +"
                    />
                </div>
                <TextArea label="Wording they saw" name="wording" value="Write to me about swaps by WhatsApp."/>
                <SearchField label="Find a recipient" name="q" placeholder="Name, phone or email" class="w-xl"/>
            </CardBody>
        </Card>
    }
    .into_any()
}

pub fn choices() -> AnyView {
    let risk = view! { <Chip tone=Tone::Caution>"Advanced"</Chip> }.into_any();
    view! {
        <Card id="choices" title="Choices and files">
            <CardBody>
                <ChoiceGroup id="sender-kind" legend="Kind of sender">
                    <ChoiceCard
                        name="kind"
                        value="number"
                        title="WhatsApp number"
                        hint="By its token and ids. 80 a second"
                        channel=ChannelMark::WhatsApp
                        aside=risk
                        checked=true
                    />
                    <ChoiceCard
                        name="kind"
                        value="smtp"
                        title="SMTP server"
                        hint="Your own or a provider’s"
                        channel=ChannelMark::Smtp
                    />
                </ChoiceGroup>
                <ChoiceGroup id="known" legend="Contacts we know already">
                    <Radio name="known" value="fill" checked=true hint="Keeps what you have">
                        "Fill what is empty"
                    </Radio>
                    <Radio name="known" value="overwrite">
                        "Overwrite with this file"
                    </Radio>
                </ChoiceGroup>
                <Checkbox name="consent" required=true error="Say where these people agreed.">
                    "Everyone in this file agreed to this"
                </Checkbox>
                <Switch name="quiet" checked=true>
                    "Hold quiet hours"
                </Switch>
                <FileDrop
                    name="file"
                    title="Drop a file, or choose one"
                    help="CSV, up to 200 MB. It is read in your browser first."
                    accept=".csv,text/csv"
                />
            </CardBody>
        </Card>
    }
    .into_any()
}
