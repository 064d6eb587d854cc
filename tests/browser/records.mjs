// Records of the first dataset for looking at a report: invented, always the same, about nobody. Prints one JSON object a line.
let state = 20260708;
const choose = (n) => {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return Math.floor((state / 4294967296) * n);
};
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

const due = { BL: 1, D3: 1, W1: 1, M1: 0.95, M3: 0.85, M6: 0.6, M12: 0.3 };
const relief = { BL: 0, D3: 2, W1: 3, M1: 4, M3: 4.5, M6: 4, M12: 3.5 };

function row(timepoint, before) {
  const isDue = choose(100) < 100 * due[timepoint];
  const there = isDue && choose(100) < (timepoint === 'BL' ? 97 : 82);
  const worst = clamp(Math.round(before.worst - relief[timepoint] + choose(5) - 2), 0, 10);
  const dose = 5 * Math.round((before.dose * (1 - relief[timepoint] / 8) + choose(20)) / 5);
  const status = there ? 'in-window' : !isDue ? 'not-due' : choose(6) === 0 ? 'not-expected' : 'missing';
  const words = ['complete', 'partial', 'partial', 'partial', 'indeterminate', 'progression', 'not-evaluable'];
  const quality = there && timepoint !== 'D3' && timepoint !== 'W1';
  return {
    timepoint,
    status,
    pain: { day: there ? 1 : null, worst: there ? worst : null, average: null, interference: null,
      instrument: there ? 'BPI-SF' : null },
    opioid: { day: there ? 1 : null, ome_mg_per_day: there ? dose : null, computable: there ? 'full' : null },
    quality_of_life: { day: quality ? 1 : null, eq5d5l_profile: null,
      eq5d5l_index: quality ? clamp(before.index + relief[timepoint] / 12 + choose(100) / 1000, -0.5, 1).toFixed(3) * 1 : null,
      eq_vas: quality ? clamp(Math.round(before.vas + 5 * relief[timepoint] + choose(20) - 10), 0, 100) : null },
    pain_response: there && timepoint !== 'BL' ? words[choose(words.length)] : null,
  };
}

function record(number) {
  const before = { worst: 6 + choose(5), dose: 20 + 10 * choose(12), index: 0.2 + choose(300) / 1000, vas: 35 + choose(25) };
  const harm = choose(6) === 0;
  return {
    dataset: 'nice-rfa-spinal-metastases', dataset_version: '1.0.0', ome_table: 'uk', record_id: String(number),
    record_version: 1, record_action: 'create', provider_org: 'RXX', source_feeds: ['fhir'],
    patient: {},
    selection: { mdt_discussed: choose(8) === 0 ? 'unknown' : 'yes' },
    procedure: { status: choose(25) === 0 ? 'stopped' : 'completed', period: `202${5 + choose(2)}-Q${1 + choose(4)}`,
      standalone: [true, true, true, true, false, null][choose(6)] },
    efficacy: Object.keys(due).map((timepoint) => row(timepoint, before)),
    safety: { occurred: harm ? 'yes' : choose(5) === 0 ? 'unknown' : 'none-recorded',
      events: harm ? [{ category: ['pain-flare', 'pain-flare', 'infection', 'pathological-fracture'][choose(4)], onset_day: 3,
        ctcae_grade: 1, relatedness: ['procedure', 'procedure', 'disease', 'unknown'][choose(4)] }] : [] },
    follow_up: { status: ['active', 'active', 'active', 'complete', 'died', 'lost'][choose(6)] },
    data_quality: { missing: choose(4) === 0 ? ['selection.lesion_type'] : [],
      flags: choose(5) === 0 ? ['metastasis-not-confirmed'] : [] },
  };
}

for (let number = 0; number < Number(process.argv[2] ?? 160); number += 1) {
  process.stdout.write(`${JSON.stringify(record(number))}\n`);
}
