"""A build backend that builds nothing.

pip asks the backend of a source archive for its name and version, even if it shall only download it; the
real setuptools answers by running the archive's setup.py. This one takes both from the environment, so
that no code of the archive ever runs.
"""

import os


class _Backend:
    def prepare_metadata_for_build_wheel(self, metadata_directory, config_settings=None):
        name = os.environ["FIREFORGE_SDIST_NAME"]
        version = os.environ["FIREFORGE_SDIST_VERSION"]
        folder = f"{name}-{version}.dist-info"
        os.mkdir(os.path.join(metadata_directory, folder))
        with open(os.path.join(metadata_directory, folder, "METADATA"), "w") as metadata:
            metadata.write(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        return folder


__legacy__ = _Backend()
