"""The static edition of a release: pages that open from a folder, without a server, a script or anything outside it."""
