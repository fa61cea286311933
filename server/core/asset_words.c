#include "core/asset_words.h"

static const struct term kinds[] = {
    [ASSET_WEBSITE] = {"website", {"网站", "Website"}},
    [ASSET_SYSTEM] = {"system", {"信息系统", "Information system"}},
    [ASSET_NETWORK] = {"network", {"网络设施", "Network facility"}},
    [ASSET_DATA] = {"data", {"重要数据", "Important data"}},
    [ASSET_LED] = {"led_screen", {"LED 屏", "LED screen"}},
};
const struct terms terms_asset_kinds = {"kind of asset", kinds, ASSET_KINDS};

static const struct term exposures[] = {
    [EXPOSURE_INTERNET] = {"internet", {"互联网", "Internet"}},
    [EXPOSURE_CAMPUS] = {"campus", {"校园网", "Campus network"}},
    [EXPOSURE_DEPARTMENT] = {"department", {"部门内网", "Department's network"}},
    [EXPOSURE_ISOLATED] = {"isolated", {"物理隔离", "Isolated"}},
};
const struct terms terms_exposures = {"exposure", exposures, EXPOSURES};

static const struct term data_classes[] = {
    [DATA_CORE] = {"core", {"核心数据", "Core data"}},
    [DATA_IMPORTANT] = {"important", {"重要数据", "Important data"}},
    [DATA_GENERAL] = {"general", {"一般数据", "General data"}},
    [DATA_NONE] = {"none", {"无", "None"}},
};
const struct terms terms_data_classes = {"class of data", data_classes, DATA_CLASSES};

static const struct term encryptions[] = {
    [ENCRYPTED_NOT] = {"none", {"未加密", "None"}},
    [ENCRYPTED_TRANSPORT] = {"transport", {"传输加密", "In transport"}},
    [ENCRYPTED_STORAGE] = {"storage", {"存储加密", "In storage"}},
    [ENCRYPTED_BOTH] = {"both", {"传输和存储加密", "In transport and storage"}},
};
const struct terms terms_encryptions = {"kind of encryption", encryptions, ENCRYPTIONS};

static const struct term backups[] = {
    [BACKUP_NOT] = {"none", {"无备份", "None"}},
    [BACKUP_LOCAL] = {"local", {"本地备份", "Local"}},
    [BACKUP_REMOTE] = {"remote", {"异地备份", "Remote"}},
    [BACKUP_BOTH] = {"both", {"本地和异地备份", "Local and remote"}},
};
const struct terms terms_backups = {"kind of backup", backups, BACKUPS};

static const struct term duties[] = {
    [DUTY_IN_CHARGE] = {"in_charge", {"主管", "In charge"}},
    [DUTY_RUN_BY] = {"run_by", {"运维", "Runs it"}},
    [DUTY_USED_BY] = {"used_by", {"使用", "Uses it"}},
};
const struct terms terms_duties = {"duty", duties, DUTIES};
