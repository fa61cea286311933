// Who is told of what over the live line: the table of roles of the project's domain, one row for each kind of record
// event, written by hand and apart from the server's own rules. walk.test.mjs holds a whole drill against it.
export const LINES = {
  public: {}, "dept-1-blue": { unit: "dept-1" }, "dept-2-blue": { unit: "dept-2" }, "red-1": { unit: "red-1", red: true }, "red-2": { unit: "red-2", red: true },
  judge: { staff: true }, "judge-2": { staff: true }, director: { staff: true }, leader: { staff: true }, admin: { staff: true },
};
const names = (holds) => Object.keys(LINES).filter((name) => holds(LINES[name]));
export const ALL = names(() => true), STAFF = names((l) => l.staff), REDS = names((l) => l.red), BLUES = names((l) => l.unit && !l.red);
export const DIRECTION = ["director", "leader", "admin"]; // and leaders, who read what it reads
/** The lines of these departments and teams. */
export const of = (...units) => names((l) => units.includes(l.unit));

/** Whom an announcement or inject is for: "all", "blue", "red", "staff" or ids, with a comma between them. */
const addressed = (to) => to.split(",").flatMap((word) => ({ all: ALL, blue: BLUES, red: REDS, staff: [] })[word] ?? of(word));

const withTeam = (e, s) => [...STAFF, ...of(s.results[e.body.id]?.team ?? e.body.team)];
const withDepartment = (e, s) => [...STAFF, ...of(s.tickets[e.body.id].department)];
const ifNoticed = (e, s) => (s.tickets[e.body.id].noticed ? withDepartment(e, s) : STAFF);
const author = (e, s) => of(s.reports[e.body.id]?.team ?? e.body.team);
const withAuthor = (e, s) => [...STAFF, ...author(e, s)];
const withReached = (e, s) => [...STAFF, ...of(...s.injects[e.body.id].reached)];
const withReport = (e, s) => [...of(s.reports[e.body.report].team), ...(s.reports[e.body.report].filed ? STAFF : [])];
const familyOf = (kind) => kind.split(".")[0];
const withKeeper = (e, s) => [...DIRECTION, ...of(e.body.team ?? s.keepers[`${familyOf(e.kind)} ${e.body.id}`])];

/** Kind of event -> the lines that are told, by the event and what was before it. */
export const TOLD = {
  // announcements: those whom they are for, and staff; who has seen one is for staff
  "announcement.made": (e) => [...STAFF, ...addressed(e.body.to)],
  "announcement.seen": () => STAFF,
  "announcement.withdrawn": (e, s) => [...STAFF, ...addressed(s.announcements[e.body.id].to)],
  // tickets: staff, and the department from its notice on
  "ticket.registered": () => STAFF,
  "ticket.notified": withDepartment,
  "ticket.acknowledged": withDepartment,
  "ticket.started": withDepartment,
  "ticket.feedback": withDepartment,
  "ticket.retest_begun": withDepartment,
  "ticket.retested": withDepartment,
  "ticket.extension_asked": withDepartment,
  "ticket.extension_decided": withDepartment,
  "ticket.risk_accepted": withDepartment,
  "ticket.risk_expired": withDepartment,
  "ticket.duplicate": ifNoticed,
  "ticket.false_positive": ifNoticed,
  "ticket.reopened": withDepartment,
  "ticket.supervised": withDepartment,
  // incident reports: their department, staff when something is filed; what staff says among itself stays there
  "report.drafted": author,
  "report.withdrawn": author,
  "report.submitted": withAuthor,
  "report.returned": withAuthor,
  "report.appealed": withAuthor,
  "report.commented": (e, s) => (e.body.internal ? STAFF : withAuthor(e, s)),
  "report.duplicate": withAuthor,
  "roe.accepted": (e) => [...STAFF, ...of(e.actor)],
  // attack results: the team that filed it and staff; here the department as well, once it is confirmed
  "result.submitted": withTeam,
  "result.resubmitted": withTeam,
  "result.taken": withTeam,
  "result.returned": withTeam,
  "result.rejected": withTeam,
  "result.confirmed": (e, s) => [...withTeam(e, s), ...of(s.results[e.body.id].department)],
  "result.voided": withTeam,
  "result.reopened": (e, s) => [...withTeam(e, s), ...(s.results[e.body.id].confirmed ? of(s.results[e.body.id].department) : [])],
  "kill.switched": () => ALL,
  "kill.undone": () => ALL,
  "kill.hook": () => STAFF,
  // injects: staff of their planning, departments of what reaches them; judges of no step that names a department
  "inject.drafted": () => STAFF,
  "inject.approved": () => STAFF,
  "inject.scheduled": () => STAFF,
  "inject.held": () => STAFF,
  "inject.skipped": () => STAFF,
  "inject.cancelled": withReached,
  "inject.delivered": (e, s) => [...STAFF, ...(s.injects[e.body.id].inApp ? of(...e.body.teams.split(",")) : [])],
  "inject.acknowledged": (e) => [...DIRECTION, ...of(e.body.team)],
  "inject.responded": (e) => [...STAFF, ...of(e.body.team)],
  "inject.expired": withReached,
  "inject.evaluated": () => STAFF,
  "inject.commented": () => STAFF,
  "inject.closed": withReached,
  "mail.queued": () => DIRECTION,
  "mail.sent": () => DIRECTION,
  "mail.failed": () => DIRECTION,
  "mail.again": () => DIRECTION,
  "attachment.stored": () => [], // the record that names it tells
  // ground truth: staff; judging: staff, and the department what is released and that it is over
  "truth.paired": () => STAFF,
  "truth.unpaired": () => STAFF,
  "truth.concealed": () => STAFF,
  "judging.triaged": () => STAFF,
  "judging.drawn": () => STAFF,
  "judging.named": () => STAFF,
  "judging.marked": () => STAFF,
  "judging.rejected": () => STAFF,
  "judging.released": withAuthor,
  "judging.finished": withAuthor,
  "judging.archived": withAuthor,
  // emergency plans: a department's own, the direction; one at work: whoever sees its report
  "plan.adopted": withKeeper,
  "plan.withdrawn": withKeeper,
  "plan.activated": withReport,
  "plan.step_ticked": withReport,
  "plan.step_skipped": withReport,
  // posts and assets: their department and the direction
  "post.created": withKeeper,
  "post.changed": withKeeper,
  "post.handed_over": withKeeper,
  "post.retired": withKeeper,
  "asset.created": withKeeper,
  "asset.changed": withKeeper,
  "asset.verified": withKeeper,
  "asset.retired": withKeeper,
};

export const before = () => ({ announcements: {}, tickets: {}, reports: {}, results: {}, injects: {}, keepers: {} });

const IN_APP = 1;

/** What later rows ask of the events so far. */
export function remember(s, { kind, body }) {
  const { id } = body;
  if (kind === "announcement.made") s.announcements[id] = { to: body.to };
  if (kind === "ticket.registered") s.tickets[id] = { department: body.department, noticed: false };
  if (kind === "ticket.notified") s.tickets[id].noticed = true;
  if (kind.startsWith("report.") && body.team) s.reports[id] ??= { team: body.team };
  if (kind === "report.submitted") s.reports[id].filed = true;
  if (/^(post|asset)\.created$/.test(kind)) s.keepers[`${familyOf(kind)} ${id}`] = body.team;
  if (kind === "result.submitted") s.results[id] = { team: body.team, department: body.department, confirmed: false };
  if (kind === "result.confirmed") s.results[id].confirmed = true;
  if (kind === "result.reopened") s.results[id].confirmed = false;
  if (kind === "inject.drafted") s.injects[id] = { inApp: (body.channels & IN_APP) !== 0, reached: new Set() };
  if (kind === "inject.delivered") body.teams.split(",").forEach((team) => s.injects[id].reached.add(team));
}
