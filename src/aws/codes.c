/* codes.c - the table of AWS's error codes: what each means for us, and whether it is worth a
 * retry. */
#include "codes.h"

#include <string.h>

enum { SKEW = AWS_CODE_SKEW, RENEW = AWS_CODE_RENEW };

/* clang-format off */
const struct aws_code aws_codes[] = {
    {"ResourceNotFoundException",                E_NOT_FOUND, RETRY_NO,        0},
    {"QueueDoesNotExist",                        E_NOT_FOUND, RETRY_NO,        0},
    {"AWS.SimpleQueueService.NonExistentQueue",  E_NOT_FOUND, RETRY_NO,        0},
    {"TableNotFoundException",                   E_NOT_FOUND, RETRY_NO,        0},
    {"NoSuchEntity",                             E_NOT_FOUND, RETRY_NO,        0},
    {"RepositoryNotFoundException",              E_NOT_FOUND, RETRY_NO,        0},
    {"ImageNotFoundException",                   E_NOT_FOUND, RETRY_NO,        0},

    {"ExpiredToken",                             E_EXPIRED,   RETRY_NO,        RENEW},
    {"ExpiredTokenException",                    E_EXPIRED,   RETRY_NO,        RENEW},
    {"UnrecognizedClientException",              E_CREDS,     RETRY_NO,        RENEW},
    {"InvalidClientTokenId",                     E_CREDS,     RETRY_NO,        RENEW},
    {"InvalidAccessKeyId",                       E_CREDS,     RETRY_NO,        0},
    {"SignatureDoesNotMatch",                    E_CREDS,     RETRY_NO,        RENEW | SKEW},
    {"InvalidSignatureException",                E_CREDS,     RETRY_NO,        RENEW | SKEW},
    {"InvalidSignature",                         E_CREDS,     RETRY_NO,        0},
    {"IncompleteSignature",                      E_CREDS,     RETRY_NO,        0},
    {"IncompleteSignatureException",             E_CREDS,     RETRY_NO,        0},
    {"MissingAuthenticationToken",               E_CREDS,     RETRY_NO,        0},
    {"MissingAuthenticationTokenException",      E_CREDS,     RETRY_NO,        0},
    {"AuthFailure",                              E_CREDS,     RETRY_NO,        SKEW},
    {"RequestExpired",                           E_CREDS,     RETRY_NO,        SKEW},
    {"RequestTimeTooSkewed",                     E_CREDS,     RETRY_NO,        SKEW},
    {"RequestInTheFuture",                       E_CREDS,     RETRY_NO,        SKEW},

    {"AccessDenied",                             E_DENIED,    RETRY_NO,        0},
    {"AccessDeniedException",                    E_DENIED,    RETRY_NO,        0},
    {"UnauthorizedOperation",                    E_DENIED,    RETRY_NO,        0},
    {"NotAuthorized",                            E_DENIED,    RETRY_NO,        0},
    {"OptInRequired",                            E_DENIED,    RETRY_NO,        0},
    {"RegionDisabledException",                  E_DENIED,    RETRY_NO,        0},
    {"InvalidSecurity",                          E_DENIED,    RETRY_NO,        0},

    {"ConditionalCheckFailedException",          E_CONFLICT,  RETRY_NO,        0},
    {"TransactionCanceledException",             E_CONFLICT,  RETRY_NO,        0},
    {"ResourceInUseException",                   E_CONFLICT,  RETRY_NO,        0},
    {"ResourceAlreadyExistsException",           E_CONFLICT,  RETRY_NO,        0},
    {"QueueAlreadyExists",                       E_CONFLICT,  RETRY_NO,        0},

    {"ValidationException",                      E_INVALID,   RETRY_NO,        0},
    {"ValidationError",                          E_INVALID,   RETRY_NO,        0},
    {"SerializationException",                   E_INVALID,   RETRY_NO,        0},
    {"InvalidParameterException",                E_INVALID,   RETRY_NO,        0},
    {"InvalidParameterValue",                    E_INVALID,   RETRY_NO,        0},
    {"InvalidInput",                             E_INVALID,   RETRY_NO,        0},
    {"InvalidEventPatternException",             E_INVALID,   RETRY_NO,        0},
    {"ItemCollectionSizeLimitExceededException", E_INVALID,   RETRY_NO,        0},
    {"IdempotentParameterMismatchException",     E_INVALID,   RETRY_NO,        0},

    {"Throttling",                               E_THROTTLED, RETRY_THROTTLE,  0},
    {"ThrottlingException",                      E_THROTTLED, RETRY_THROTTLE,  0},
    {"ThrottledException",                       E_THROTTLED, RETRY_THROTTLE,  0},
    {"RequestThrottledException",                E_THROTTLED, RETRY_THROTTLE,  0},
    {"TooManyRequestsException",                 E_THROTTLED, RETRY_THROTTLE,  0},
    {"ProvisionedThroughputExceededException",   E_THROTTLED, RETRY_THROTTLE,  0},
    {"TransactionInProgressException",           E_THROTTLED, RETRY_THROTTLE,  0},
    {"TransactionConflictException",             E_THROTTLED, RETRY_THROTTLE,  0},
    {"RequestLimitExceeded",                     E_THROTTLED, RETRY_THROTTLE,  0},
    {"BandwidthLimitExceeded",                   E_THROTTLED, RETRY_THROTTLE,  0},
    {"LimitExceededException",                   E_THROTTLED, RETRY_THROTTLE,  0},
    {"RequestThrottled",                         E_THROTTLED, RETRY_THROTTLE,  0},
    {"SlowDown",                                 E_THROTTLED, RETRY_THROTTLE,  0},
    {"PriorRequestNotComplete",                  E_THROTTLED, RETRY_THROTTLE,  0},
    {"EC2ThrottledException",                    E_THROTTLED, RETRY_THROTTLE,  0},
    {"KmsThrottled",                             E_THROTTLED, RETRY_THROTTLE,  0},

    {"RequestTimeout",                           E_NET,       RETRY_TRANSIENT, 0},
    {"RequestTimeoutException",                  E_NET,       RETRY_TRANSIENT, 0},
    {"ReplicatedWriteConflictException",         E_NET,       RETRY_TRANSIENT, 0},
    {"IDPCommunicationError",                    E_NET,       RETRY_TRANSIENT, 0},
    {"InternalFailure",                          E_NET,       RETRY_TRANSIENT, 0},
};
/* clang-format on */
const size_t aws_codes_len = sizeof aws_codes / sizeof *aws_codes;

const struct aws_code *aws_code_find(const char *name)
{
    for (size_t i = 0; i < aws_codes_len; i++) {
        if (strcmp(aws_codes[i].name, name) == 0) {
            return &aws_codes[i];
        }
    }
    return NULL;
}
