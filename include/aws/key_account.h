/* key_account.h - the account that an access key id of AWS names. Constant; any thread. */
#ifndef AWS_KEY_ACCOUNT_H
#define AWS_KEY_ACCOUNT_H

#include <stdbool.h>

#define AWS_ACCOUNT_SIZE 16

/* Has the id the form in which AWS makes them: "AKIA" or "ASIA" and sixteen of A-Z and 2-7? Such an
 * id is unique; an id that a person made up ("test") is not. */
bool aws_key_is_unique(const char *key_id);

/* Reads the account in a key id that AWS issued since 2019: its first forty bits after a marker
 * bit. False for older ids and for ids of another form, which do not name an account. Only for keys
 * that go to AWS: an emulator's ids have the same form and mean nothing. */
bool aws_key_account(const char *key_id, char account[AWS_ACCOUNT_SIZE]);
#endif
