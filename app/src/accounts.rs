//! Signing in and out, the first run, invitations, and the settings of account, workspace and team.

pub mod forms;
pub mod new_workspace;
pub mod page;
mod places;
pub mod settings;
pub mod settings_forms;
pub mod team;
