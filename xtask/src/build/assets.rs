//! The site's folder: every file under a name that changes with its content, so that browsers may keep it for ever.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::build::Profile;
use crate::fingerprint::{Fingerprint, Stamp, files, short_hash};
use crate::progress;
use crate::workspace::{Workspace, relative};

/// The folder of the hashed files within the site; Leptos' default.
const PACKAGE_FOLDER: &str = "pkg";

/// One built file, with its compressed twin beside it.
pub struct Asset {
    name: String,
    extension: String,
    /// How the hash file calls it.
    hash_key: String,
    path: PathBuf,
    companions: Option<Companions>,
}

/// Files the asset refers to, whose names carry hashes already.
struct Companions {
    from: PathBuf,
    to: String,
}

impl Asset {
    pub fn new(name: &str, extension: &str, hash_key: &str, path: PathBuf) -> Self {
        Self {
            name: name.into(),
            extension: extension.into(),
            hash_key: hash_key.into(),
            path,
            companions: None,
        }
    }

    /// With the files of a folder, put into a folder beside it.
    pub fn with_companions(self, from: PathBuf, to: &str) -> Self {
        Self { companions: Some(Companions { from, to: to.into() }), ..self }
    }

    /// The name before the hash.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name without the hash, for messages.
    pub fn describe(&self) -> String {
        format!("{}.{}", self.name, self.extension)
    }

    /// The size of the compressed twin: what a visitor's connection carries.
    pub fn compressed_bytes(&self) -> Result<u64> {
        let path = twin(&self.path);
        Ok(fs::metadata(&path).with_context(|| format!("cannot read {}", path.display()))?.len())
    }

    fn hash(&self) -> Result<String> {
        let content = fs::read(&self.path).with_context(|| format!("cannot read {}", self.path.display()))?;
        Ok(short_hash(&content))
    }
}

/// Puts the site together in a new folder and swaps it in; nothing is touched if nothing changed.
pub fn assemble(workspace: &Workspace, profile: Profile, assets: &[Asset]) -> Result<PathBuf> {
    let site = match profile {
        Profile::Dev => workspace.target.join("site-dev"),
        Profile::Release => workspace.target.join("site"),
    };
    let statics = workspace.path("style/assets");
    let hashes = assets.iter().map(Asset::hash).collect::<Result<Vec<_>>>()?;
    let inputs = assets
        .iter()
        .zip(&hashes)
        .fold(Fingerprint::default(), |print, (asset, hash)| print.add(&asset.hash_key, hash.as_bytes()));
    let fingerprint = inputs.add_folder(&statics)?.finish();
    if Stamp::new(site.join(".stamp"), fingerprint.clone()).is_current() {
        return Ok(site);
    }
    progress::step("put the site together", || {
        let staged = site.with_extension("new");
        clear(&staged)?;
        let package = staged.join(PACKAGE_FOLDER);
        fs::create_dir_all(&package).with_context(|| format!("cannot make {}", package.display()))?;
        let mut hash_file = String::new();
        for (asset, hash) in assets.iter().zip(&hashes) {
            place(asset, hash, &package)?;
            hash_file.push_str(&format!("{}: {hash}\n", asset.hash_key));
        }
        write(&staged.join("hash.txt"), &hash_file)?;
        copy_folder(&statics, &staged)?;
        Stamp::new(staged.join(".stamp"), fingerprint).write()?;
        swap(&staged, &site)
    })?;
    Ok(site)
}

fn place(asset: &Asset, hash: &str, package: &Path) -> Result<()> {
    let target = package.join(format!("{}.{hash}.{}", asset.name, asset.extension));
    copy(&asset.path, &target)?;
    copy(&twin(&asset.path), &twin(&target))?;
    match &asset.companions {
        Some(companions) => copy_folder(&companions.from, &package.join(&companions.to)),
        None => Ok(()),
    }
}

/// The path of the compressed twin.
fn twin(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".br");
    PathBuf::from(name)
}

/// Two renames: the old site is whole until the new one is.
fn swap(staged: &Path, site: &Path) -> Result<()> {
    let old = site.with_extension("old");
    clear(&old)?;
    if site.exists() {
        fs::rename(site, &old).with_context(|| format!("cannot move {} aside", site.display()))?;
    }
    fs::rename(staged, site).with_context(|| format!("cannot put {} in place", site.display()))?;
    clear(&old)
}

fn clear(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot clear {}", folder.display()))?;
    }
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    for path in files(from)? {
        let target = to.join(relative(from, &path));
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
        }
        copy(&path, &target)?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to)
        .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
        .map(drop)
}

fn write(path: &Path, content: &str) -> Result<()> {
    fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))
}
