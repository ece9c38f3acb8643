/* An outbox file of any bytes: opens as an entry of this place or is put aside, never anything
 * else.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/path.h"
#include "ops/outbox.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Names what is wrong before the fuzzer stops. */
static void must(int ok)
{
    if (!ok) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char dir[] = "/tmp/mvpdash-fuzz-outbox.XXXXXX";
    static struct ops o = {.state_dir = dir};
    static char path[200];
    struct outbox_entry x;
    char **ids = NULL;

    if (path[0] == '\0') {
        must(mkdtemp(dir) != NULL);
        o.place = place_fixed("000000000000", "p");
        (void)snprintf(path, sizeof path, "%s/outbox", dir);
        must(path_mkdirs(path, 0700, NULL) == E_OK);
        (void)snprintf(path, sizeof path, "%s/outbox/job_1.json", dir);
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    must(fd >= 0 && write(fd, data, size) == (ssize_t)size && close(fd) == 0);
    size_t n = outbox_list(&o, &ids);
    outbox_list_free(ids, n);
    if (outbox_open(&o, "job_1", &x, NULL) == E_OK) {
        must(strcmp(x.request.job_id, "job_1") == 0);
        must(outbox_mark_sent(&x, 1700000000000, NULL) == E_OK);
        outbox_leave(&x);
        must(outbox_open(&o, "job_1", &x, NULL) == E_OK && x.stage == OUTBOX_SENT);
        outbox_done(&x);
    }
    return 0;
}
