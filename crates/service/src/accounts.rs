//! People, the workspaces they belong to, and how they come in.
//!
//! What a person may do is read from the database on every request ([`crate::access::authorize`]), so a changed role
//! or an ended membership counts from the next click on.

mod door;
pub mod first_run;
pub mod invitations;
pub mod members;
pub mod password;
pub mod sign_in;
pub mod workspaces;

pub use self::door::SignInDoor;
pub use storage::users::User;
