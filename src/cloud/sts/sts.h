/* sts.h - STS of the local cloud: who a key is, and temporary keys. */
#ifndef CLOUD_STS_STS_H
#define CLOUD_STS_STS_H

#include "src/cloud/store/service.h"

extern const struct cloud_service cloud_sts_service;
#endif
