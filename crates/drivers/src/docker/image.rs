//! Node images on this host. They are never pulled here: that is the installation's business.

use std::collections::HashMap;

use bollard::{models::ImageSummary, query_parameters::ListImagesOptionsBuilder};

use super::engine::{Docker, absent, failed};
use crate::provision::{Error, Spec};

const BUILT: &str = "labyard-node";
const PULLED: &str = "rancher/k3s";

impl Docker {
    /// The image a cluster's node is made from.
    pub(super) async fn image(&self, spec: &Spec) -> Result<String, Error> {
        let version = &spec.desired.k8s_version;
        if let Some(image) = &self.node_image {
            let there = absent(self.engine.inspect_image(image).await)?.is_some();
            return if there {
                Ok(image.clone())
            } else {
                Err(Error::ImageMissing(image.clone()))
            };
        }
        let wanted = |tag: &&String| version_of(tag).as_ref() == Some(version);
        let mut images = self.node_images().await?;
        images.sort_by_key(|image| std::cmp::Reverse(image.created));
        let newest = images
            .iter()
            .find_map(|image| image.repo_tags.iter().find(wanted));
        newest
            .cloned()
            .ok_or_else(|| Error::ImageMissing(version.clone()))
    }

    async fn node_images(&self) -> Result<Vec<ImageSummary>, Error> {
        let filters = HashMap::from([("reference", vec![BUILT, PULLED])]);
        let options = ListImagesOptionsBuilder::default()
            .filters(&filters)
            .build();
        self.engine.list_images(Some(options)).await.map_err(failed)
    }

    /// The versions for which there is an image.
    pub(super) async fn versions(&self) -> Result<Vec<String>, Error> {
        if let Some(image) = &self.node_image {
            let there = absent(self.engine.inspect_image(image).await)?.is_some();
            return Ok(version_of(image).filter(|_| there).into_iter().collect());
        }
        let images = self.node_images().await?;
        let mut versions: Vec<String> = images
            .iter()
            .flat_map(|image| &image.repo_tags)
            .filter_map(|tag| version_of(tag))
            .collect();
        versions.sort_unstable();
        versions.dedup();
        Ok(versions)
    }
}

/// `v1.34.4` of `labyard-node:v1.34.4-…` or `rancher/k3s:v1.34.4-k3s1`.
fn version_of(tag: &str) -> Option<String> {
    let (_, tag) = tag.rsplit_once(':')?;
    let version = tag.split('-').next()?;
    let numbers = version.strip_prefix('v')?;
    (numbers.split('.').count() == 3 && numbers.split('.').all(|part| part.parse::<u32>().is_ok()))
        .then(|| version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::version_of;

    #[test]
    fn versions_are_read_from_tags() {
        assert_eq!(
            version_of("labyard-node:v1.34.4-0123456789ab").as_deref(),
            Some("v1.34.4")
        );
        assert_eq!(
            version_of("rancher/k3s:v1.33.1-k3s1").as_deref(),
            Some("v1.33.1")
        );
        assert_eq!(version_of("labyard-node:latest"), None);
        assert_eq!(version_of("labyard-node"), None);
    }
}
