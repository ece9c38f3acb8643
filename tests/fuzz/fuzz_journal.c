/* A journal of any bytes: its lines are told when it is whole, else that it is damaged, and nothing
 * else. Half of the inputs get a head whose checksum is right, so that their lines are read. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/sigv4.h"
#include "core/crc32.h"
#include "core/path.h"
#include "ops/place.h"
#include "src/ops/bulk_journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Names what is wrong before the fuzzer stops. */
static void must(int ok)
{
    if (!ok) {
        abort();
    }
}

struct told {
    size_t lines, damaged;
};

static void on_line(void *arg, const struct journal_head *head, const struct journal_line *l,
                    bool live)
{
    struct told *t = arg;

    must(l->token != NULL && job_id_valid(l->job_id) && l->request_id != NULL && !live);
    must(strlen(head->run) == UUID_SIZE - 1);
    t->lines++;
}

static void on_damaged(void *arg, const char *path)
{
    struct told *t = arg;

    must(path != NULL);
    t->damaged++;
}

static size_t count_lines(const uint8_t *data, size_t size)
{
    size_t n = 0;

    for (size_t i = 0; i < size; i++) {
        n += data[i] == '\n';
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char dir[] = "/tmp/mvpdash-fuzz-journal.XXXXXX";
    static struct place *place;
    static char hex[65];
    static char path[200];
    struct ops o = {.state_dir = dir};
    struct told t = {0};
    const struct journal_visitor v = {.line = on_line, .damaged = on_damaged, .arg = &t};

    if (path[0] == '\0') {
        char *text = NULL;
        must(mkdtemp(dir) != NULL);
        place = place_fixed("000000000000", "p");
        o.place = place;
        must(place_text(&o, PLACE_HERE, &text, NULL) == E_OK);
        sigv4_sha256_hex(text, strlen(text), hex);
        free(text);
        hex[32] = '\0';
        (void)snprintf(path, sizeof path, "%s/batch/%s", dir, hex);
        must(path_mkdirs(path, 0700, NULL) == E_OK);
        (void)snprintf(path, sizeof path, "%s/batch/%s/x.jsonl", dir, hex);
    }
    o.place = place;
    bool whole = size > 0 && (data[0] & 1) != 0 && (size == 1 || data[size - 1] == '\n');
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    must(fd >= 0);
    if (whole) {
        data++;
        size--;
        must(dprintf(fd,
                     "{\"v\":2,\"run\":\"00000000-0000-4000-8000-000000000000\",\"place\":\"%s\","
                     "\"at\":1,\"lines\":%zu,\"sum\":%" PRIu32 "}\n",
                     hex, count_lines(data, size), crc32_of(data, size)) > 0);
    }
    must(write(fd, data, size) == (ssize_t)size && close(fd) == 0);
    must(journal_visit(&o, &v, NULL) == E_OK);
    must(t.damaged == (whole ? 0 : t.damaged) && (t.damaged == 0 || t.lines == 0));
    return 0;
}
