/* The hosts of AWS: the rule sets of AWS's SDKs as a table. The conformance test resolves every
 * service here in every region of every partition, with and without FIPS and dual stack, and
 * compares each host with that of botocore's own rule sets. */
#include "endpoint_rules.h"

#include <ctype.h>
#include <string.h>

#include "core/strbuf.h"

/* The partitions, told apart by the beginning of the region. A region that no row fits belongs to
 * aws, the last one. */
static const struct partition {
    const char *id;
    const char *begins; /* how the partition's regions begin: "us-gov-" for us-gov-west-1 */
    const char *dns;
    const char *dual_dns;
} partitions[] = {
    {"aws-cn",     "cn-",      "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
    {"aws-us-gov", "us-gov-",  "amazonaws.com",    "api.aws"                     },
    {"aws-eusc",   "eusc-de-", "amazonaws.eu",     "api.amazonwebservices.eu"    },
    {"aws-iso-b",  "us-isob-", "sc2s.sgov.gov",    "api.aws.scloud"              },
    {"aws-iso-f",  "us-isof-", "csp.hci.ic.gov",   "api.aws.hci.ic.gov"          },
    {"aws-iso-e",  "eu-isoe-", "cloud.adc-e.uk",   "api.cloud-aws.adc-e.uk"      },
    {"aws-iso",    "us-iso-",  "c2s.ic.gov",       "api.aws.ic.gov"              },
    {"aws",        "",         "amazonaws.com",    "api.aws"                     },
};

enum { PLAIN = 1, DUAL = 2, FIPS = 4, BOTH = 8, ALL = PLAIN | DUAL | FIPS | BOTH };

/* The hosts that differ from "SERVICE{fips}.{region}.{dns}". The first row that fits counts. {fips}
 * is "-fips" or nothing; {dns} is the partition's suffix, for dual stack its other suffix. */
static const struct rule {
    const char *service;
    const char *where; /* a partition or a region; NULL for all */
    unsigned variants;
    /* NULL: there is no such host. "http://..." when the host has no https */
    const char *host;
    const char *signed_for; /* the region to sign for; NULL: the region in force */
} rules[] = {
    {"dynamodb",         "local",         PLAIN,        "http://localhost:8000",                 "us-east-1"      },
    {"dynamodb",         "local",         ALL,          NULL,                                    NULL             },
    {"dynamodb",         "aws-us-gov",    FIPS,         "dynamodb.{region}.{dns}",               NULL             },
    {"streams.dynamodb", "aws",           DUAL | BOTH,  "streams-dynamodb{fips}.{region}.{dns}", NULL             },
    {"streams.dynamodb", "aws-cn",        DUAL | BOTH,  "streams-dynamodb{fips}.{region}.{dns}", NULL             },
    {"streams.dynamodb", "aws-us-gov",    DUAL | BOTH,  "streams-dynamodb{fips}.{region}.{dns}", NULL             },
    {"streams.dynamodb", "aws-us-gov",    FIPS,         "streams.dynamodb.{region}.{dns}",       NULL             },
    {"events",           "us-gov-east-1", FIPS,         "events.{region}.{dns}",                 NULL             },
    {"events",           "us-gov-west-1", FIPS,         "events.{region}.{dns}",                 NULL             },
    {"events",           "aws-us-gov",    BOTH,         "events.{region}.{dns}",                 NULL             },
    {"batch",            "aws",           FIPS,         "fips.batch.{region}.{dns}",             NULL             },
    {"batch",            "aws-us-gov",    FIPS,         "batch.{region}.{dns}",                  NULL             },
    {"logs",             "us-gov-east-1", FIPS,         "logs.{region}.{dns}",                   NULL             },
    {"logs",             "us-gov-west-1", FIPS,         "logs.{region}.{dns}",                   NULL             },
    {"sqs",              "aws-us-gov",    FIPS,         "sqs.{region}.{dns}",                    NULL             },
    {"sts",              "aws-us-gov",    FIPS,         "sts.{region}.{dns}",                    NULL             },
    {"sts",              "aws-global",    PLAIN,        "sts.{dns}",                             "us-east-1"      },
    {"monitoring",       "aws-us-gov",    FIPS | BOTH,  "monitoring.{region}.{dns}",             NULL             },
    {"api.ecr",          NULL,            DUAL | BOTH,  "ecr{fips}.{region}.{dns}",              NULL             },
    {"portal.sso",       "aws-us-gov",    FIPS,         "portal.sso.{region}.{dns}",             NULL             },
    {"oidc",             "aws-us-gov",    FIPS,         "oidc.{region}.{dns}",                   NULL             },
    {"iam",              "aws",           PLAIN | FIPS, "iam{fips}.{dns}",                       "us-east-1"      },
    {"iam",              "aws",           DUAL | BOTH,  "iam{fips}.global.{dns}",                "us-east-1"      },
    {"iam",              "aws-cn",        PLAIN,        "iam.cn-north-1.{dns}",                  "cn-north-1"     },
    {"iam",              "aws-cn",        DUAL,         "iam.global.{dns}",                      "cn-north-1"     },
    {"iam",              "aws-cn",        FIPS | BOTH,  "iam-fips.{dns}",                        "cn-northwest-1" },
    {"iam",              "aws-us-gov",    ALL,          "iam.us-gov.{dns}",                      "us-gov-west-1"  },
    {"iam",              "aws-eusc",      PLAIN,        "iam.eusc-de-east-1.{dns}",              "eusc-de-east-1" },
    {"iam",              "aws-eusc",      ALL,          "iam{fips}.{dns}",                       "eusc-de-east-1" },
    {"iam",              "aws-iso",       PLAIN | FIPS, "iam{fips}.us-iso-east-1.{dns}",         "us-iso-east-1"  },
    {"iam",              "aws-iso",       ALL,          "iam{fips}.{dns}",                       "us-iso-east-1"  },
    {"iam",              "aws-iso-b",     PLAIN | FIPS, "iam{fips}.us-isob-east-1.{dns}",        "us-isob-east-1" },
    {"iam",              "aws-iso-b",     ALL,          "iam{fips}.{dns}",                       "us-isob-east-1" },
    {"iam",              "aws-iso-e",     PLAIN,        "iam.eu-isoe-west-1.{dns}",              "eu-isoe-west-1" },
    {"iam",              "aws-iso-e",     ALL,          "iam{fips}.{dns}",                       "eu-isoe-west-1" },
    {"iam",              "aws-iso-f",     PLAIN,        "iam.us-isof-south-1.{dns}",             "us-isof-south-1"},
    {"iam",              "aws-iso-f",     ALL,          "iam{fips}.{dns}",                       "us-isof-south-1"},
};

/* Does the region belong to the partition? Its name is "us-gov-" and then a word, a hyphen and a
 * number, or the partition's own "aws-us-gov-global". */
static bool belongs(const struct partition *p, const char *region)
{
    size_t id = strlen(p->id);
    size_t n = strlen(p->begins);

    if (strncmp(region, p->id, id) == 0 && strcmp(region + id, "-global") == 0) {
        return true;
    }
    if (strncmp(region, p->begins, n) != 0) {
        return false;
    }
    const char *word = region + n;
    size_t letters = 0;
    while (isalnum((unsigned char)word[letters])) {
        letters++;
    }
    const char *number = word + letters + 1;
    return letters > 0 && word[letters] == '-' && *number != '\0' &&
           strspn(number, "0123456789") == strlen(number);
}

static const struct partition *partition_of(const char *region)
{
    const struct partition *p = partitions;

    while (p->begins[0] != '\0' && !belongs(p, region)) {
        p++;
    }
    return p;
}

static const struct rule *find_rule(const char *service, const char *region,
                                    const struct partition *p, unsigned variant)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const struct rule *r = &rules[i];
        if ((r->variants & variant) != 0 && strcmp(r->service, service) == 0 &&
            (r->where == NULL || strcmp(r->where, region) == 0 || strcmp(r->where, p->id) == 0)) {
            return r;
        }
    }
    return NULL;
}

static void expand(struct strbuf *out, const char *host, const struct endpoint_place *at,
                   const struct partition *p)
{
    const struct {
        const char *name, *value;
    } parts[] = {
        {"{fips}",   at->fips ? "-fips" : ""              },
        {"{region}", at->region                           },
        {"{dns}",    at->dual_stack ? p->dual_dns : p->dns},
    };

    while (*host != '\0') {
        size_t i = 0;
        while (i < sizeof parts / sizeof *parts &&
               strncmp(host, parts[i].name, strlen(parts[i].name)) != 0) {
            i++;
        }
        if (i == sizeof parts / sizeof *parts) {
            strbuf_addc(out, *host++);
        } else {
            strbuf_adds(out, parts[i].value);
            host += strlen(parts[i].name);
        }
    }
}

enum err_code endpoint_rule(const char *service, const struct endpoint_place *at, char **url,
                            const char **signed_for, struct err *e)
{
    static const unsigned variants[] = {PLAIN, DUAL, FIPS, BOTH};
    const struct partition *p = partition_of(at->region);
    const struct rule *r =
        find_rule(service, at->region, p, variants[(at->fips ? 2 : 0) + (at->dual_stack ? 1 : 0)]);
    struct strbuf out = STRBUF_INIT;

    if (r != NULL && r->host == NULL) {
        (void)err_set(e, E_CONFIG, "AWS has no %s endpoint%s%s%s in region %s", service,
                      at->fips ? " with FIPS" : "", at->fips && at->dual_stack ? " and" : "",
                      at->dual_stack ? " with dual stack" : "", at->region);
        return err_hint_set(e, "take another region, or unset AWS_USE_FIPS_ENDPOINT and "
                               "AWS_USE_DUALSTACK_ENDPOINT, and their keys of the profile");
    }
    if (r == NULL || strncmp(r->host, "http://", 7) != 0) {
        strbuf_adds(&out, "https://");
    }
    if (r == NULL) {
        strbuf_adds(&out, service);
    }
    expand(&out, r == NULL ? "{fips}.{region}.{dns}" : r->host, at, p);
    *url = strbuf_take(&out);
    *signed_for = r == NULL || r->signed_for == NULL ? at->region : r->signed_for;
    return E_OK;
}
