import { describe, expect, it } from "vitest";
import { around, exitNotes, type Lesson, stillTimed, takingPart, type TeacherActivity, waitingFor } from "./lesson";

const PUPILS = {
  "1": { joined: 5, away: false },
  "2": { joined: null, away: false },
  "3": { joined: null, away: true },
  "4": { joined: 7, away: true },
};

function asked(kind: string, phase: string, answers: object = {}): readonly string[] {
  const activity = { id: 9, kind, phase, round: 1 } as TeacherActivity;
  return waitingFor({ pupils: PUPILS, answers } as unknown as Lesson, activity);
}

describe("who has not answered", () => {
  it("is told while a question takes answers, late ones too, without those who are away", () => {
    for (const phase of ["open", "paused", "closed"]) expect(asked("single", phase)).toEqual(["1", "2", "4"]);
    expect(asked("single", "open", { "9:1:1": { answer: ["A"] } })).toEqual(["2", "4"]);
  });

  it("is nobody while nothing is asked: a slide, a question that is read or solved, an empty stage", () => {
    expect(asked("slide", "open")).toEqual([]);
    for (const phase of ["prepared", "reading", "discussion", "revealed"]) expect(asked("single", phase)).toEqual([]);
    expect(waitingFor({ pupils: PUPILS, answers: {} } as unknown as Lesson, null)).toEqual([]);
  });
});

describe("of how many answers are counted", () => {
  it("is of all but those who are away, whether or not they have joined: who was away and came counts, and who was answered for", () => {
    const activity = { id: 9, kind: "single", phase: "open", round: 1 } as TeacherActivity;
    const of = (answers: object): number => takingPart({ pupils: PUPILS, answers } as unknown as Lesson, activity);
    expect(of({})).toBe(3);
    expect(of({ "9:1:3": { answer: ["A"] } })).toBe(4);
  });
});

describe("what was written on exit tickets", () => {
  it("is told with its writer's name, a guest's without one, and nothing of those who wrote nothing", () => {
    const lesson = {
      pupils: { "1": { name: "An" }, "2": { name: "Bảo" }, "3": { name: "Chi" } },
      answers: { "9:1:1": { answer: ["1", "Vì sao lá xanh?"] }, "9:1:2": { answer: ["3"] } },
      guest_answers: { "9:1:5": { answer: ["2", "Hay quá"], late: false } },
    } as unknown as Lesson;
    const activity = { id: 9, kind: "exit", phase: "open", round: 1 } as TeacherActivity;
    expect(exitNotes(lesson, activity)).toEqual([["An", "Vì sao lá xanh?"], [null, "Hay quá"]]);
    expect(exitNotes(lesson, { ...activity, kind: "text" })).toEqual([]);
  });
});

describe("whose extra time goes on", () => {
  const pupils = {
    "1": { joined: 5, extra: 0, name: "An" },
    "2": { joined: 5, extra: 50, name: "Bảo" },
    "3": { joined: 5, extra: 100, name: "Chi" },
    "4": { joined: null, extra: 100, name: "Dũng" },
  };
  const still = (phase: string, leftOfClass: number, answers: object = {}) =>
    stillTimed({ pupils, answers } as unknown as Lesson, { id: 9, kind: "single", phase, round: 1 } as TeacherActivity, (extra) => (extra === 0 ? leftOfClass : extra === 50 ? 0 : 7));

  it("is told once the class's time is over, until the pupil has answered or the teacher locks the question", () => {
    expect(still("open", 0)).toEqual(["Chi"]);
    expect(still("open", 3)).toEqual([]);
    expect(still("closed", 0)).toEqual([]);
    expect(still("open", 0, { "9:1:3": { answer: ["A"] } })).toEqual([]);
  });
});

describe("what comes before and behind the stage", () => {
  const plan = (...phases: readonly string[]) => phases.map((phase, place) => ({ id: place, kind: "single", phase }) as TeacherActivity);
  const ids = (items: readonly TeacherActivity[], place: number) => [around(items, place).before?.id, around(items, place).after?.id];

  it("is the neighbour in the plan", () => {
    expect(ids(plan("revealed", "revealed", "prepared"), 1)).toEqual([0, 2]);
    expect(ids(plan("revealed", "revealed"), 1)).toEqual([0, undefined]);
    expect(ids(plan("prepared", "prepared"), -1)).toEqual([undefined, 0]);
  });

  it("is where the plan was left, behind questions that were asked without preparation", () => {
    expect(ids(plan("revealed", "prepared", "prepared", "open"), 3)).toEqual([0, 1]);
    expect(ids(plan("revealed", "prepared", "revealed", "revealed"), 3)).toEqual([2, 1]);
    expect(ids(plan("prepared", "revealed"), 1)).toEqual([undefined, 0]);
  });
});
