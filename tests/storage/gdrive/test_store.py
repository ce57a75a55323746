from __future__ import annotations

import pytest

from storage.options import DriveOptions, StoreOptions
from tests.storage.store_contract import StoreContract


class TestDriveStore(StoreContract):
    @pytest.fixture
    def options(self, drive_options: DriveOptions) -> StoreOptions:
        return StoreOptions(drive=drive_options)
