/* The words of assets. Source: DOMAIN section 7; classes of data by GB/T 43697-2024. See terms.h. */
#ifndef DRILLD_CORE_ASSET_WORDS_H
#define DRILLD_CORE_ASSET_WORDS_H

#include "core/terms.h"

enum asset_kind { ASSET_WEBSITE, ASSET_SYSTEM, ASSET_NETWORK, ASSET_DATA, ASSET_LED, ASSET_KINDS };

/* From where it can be reached. */
enum asset_exposure {
	EXPOSURE_INTERNET,
	EXPOSURE_CAMPUS,
	EXPOSURE_DEPARTMENT,
	EXPOSURE_ISOLATED,
	EXPOSURES
};

enum data_class { DATA_CORE, DATA_IMPORTANT, DATA_GENERAL, DATA_NONE, DATA_CLASSES };

enum asset_encryption {
	ENCRYPTED_NOT,
	ENCRYPTED_TRANSPORT,
	ENCRYPTED_STORAGE,
	ENCRYPTED_BOTH,
	ENCRYPTIONS
};

enum asset_backup { BACKUP_NOT, BACKUP_LOCAL, BACKUP_REMOTE, BACKUP_BOTH, BACKUPS };

/* The posts that answer for an asset. */
enum asset_duty { DUTY_IN_CHARGE, DUTY_RUN_BY, DUTY_USED_BY, DUTIES };

extern const struct terms terms_asset_kinds, terms_exposures, terms_data_classes, terms_encryptions,
    terms_backups, terms_duties;

#endif
