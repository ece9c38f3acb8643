/* Judging two words about the same job: whether they say the same, and which one is newer. */

#include "store_priv.h"

enum { BEHIND_MS = 10000 /* so late may a read be that is not strongly consistent */ };

enum verdict { TAKE, TAKE_AND_DOUBT, DROP, DROP_AND_DOUBT };

/* What the stream says of an item comes in the order in which it happened, whatever times the
 * records carry. A read that was asked for after a word came knows at least as much, if it is
 * strongly consistent; one that is not may be BEHIND_MS late. A read that was asked for before the
 * stream's last word is behind it: what it may know more, the stream brings. */
static enum verdict verdict_of(const struct entry *e, const struct job *was, const struct job *j,
                               struct heard heard)
{
    bool stream = (e->flags & ENTRY_STREAM) != 0, firm = (e->flags & ENTRY_FIRM) != 0;

    if (was == NULL || heard.how == HEARD_STREAM ||
        (e->flags & (ENTRY_SENT | ENTRY_STALE | ENTRY_ALONE)) != 0) {
        return TAKE;
    }
    if (heard.at_ms < e->at_ms) {
        return stream || heard.at_ms == STORE_KEPT ? DROP : DROP_AND_DOUBT;
    }
    if (heard.how == HEARD_FIRM) {
        return stream && heard.at_ms == e->at_ms ? DROP_AND_DOUBT : TAKE;
    }
    if (heard.at_ms - e->at_ms >= BEHIND_MS) {
        return TAKE;
    }
    bool both = job_ms(j, JOB_UPDATED) != TIME_NONE && job_ms(was, JOB_UPDATED) != TIME_NONE;
    bool behind = firm || stream || (both && job_ms(j, JOB_UPDATED) < job_ms(was, JOB_UPDATED));
    return behind ? DROP_AND_DOUBT : TAKE_AND_DOUBT;
}

/* May a job that is not known be added? Not by a read that was behind when it was deleted. */
bool store_may_add(struct store *s, const struct job *j, struct heard heard)
{
    int64_t left = heard.how == HEARD_STREAM ? TIME_NONE : store_left_at(s, j->id);
    bool later =
        left == TIME_NONE || heard.at_ms > left + (heard.how == HEARD_FIRM ? 0 : BEHIND_MS);

    if (!later && heard.at_ms >= left) {
        store_doubt(s, j->id);
    }
    return later;
}

void store_note_heard(struct entry *e, struct heard heard)
{
    e->at_ms = heard.at_ms;
    entry_set_flag(e, ENTRY_FIRM, heard.how == HEARD_FIRM);
    entry_set_flag(e, ENTRY_STREAM, heard.how == HEARD_STREAM);
}

enum word store_judge(struct store *s, struct entry *e, const struct job *was, const struct job *j,
                      struct heard heard)
{
    bool same = was != NULL && job_same(was, j);
    enum verdict v = same ? TAKE : verdict_of(e, was, j, heard);

    e->round = s->round;
    e->part = heard.part != 0 ? heard.part : e->part;
    if (v == DROP_AND_DOUBT || v == TAKE_AND_DOUBT) {
        store_doubt(s, j->id);
    }
    return v == DROP || v == DROP_AND_DOUBT ? WORD_OLD : same ? WORD_SAME : WORD_NEW;
}

/* Notes that the same record was heard again. When the read may be behind, it says nothing new
 * about a firm word. */
void store_note_same(struct entry *e, struct heard heard, bool confirmed)
{
    bool firm = (e->flags & (ENTRY_FIRM | ENTRY_STREAM)) != 0;

    if (confirmed || (heard.at_ms >= e->at_ms && (heard.how != HEARD_WEAK || !firm))) {
        store_note_heard(e, heard);
    }
}
