/* key_account.h - the account that an access key id of AWS names. Constant; any thread. */
#ifndef AWS_KEY_ACCOUNT_H
#define AWS_KEY_ACCOUNT_H

#include <stdbool.h>

#define AWS_ACCOUNT_SIZE 16

/* Is it shaped as AWS makes them: "AKIA" or "ASIA" and sixteen of A-Z and 2-7? Such an id is
 * unique; one that a person made up ("test") is not. */
bool aws_key_is_unique(const char *key_id);

/* The account of a key id that AWS issued since 2019: its first forty bits behind a marker bit.
 * False for older ids and for those of another shape, which say nothing. Only for keys that go to
 * AWS: an emulator's ids are shaped alike and mean nothing. */
bool aws_key_account(const char *key_id, char account[AWS_ACCOUNT_SIZE]);
#endif
