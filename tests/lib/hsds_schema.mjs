// The JSON schemas of HSDS 3.1 as far as the catalogue writes it, for ajv. No package holds the published ones, so their fields, types,
// formats, value lists and obligatory fields are stated here anew after schema/*.json of openreferral/specification. Stricter than
// they are in one thing: a field that is not theirs is a fault. `?` behind a kind: not obligatory; `[]`: a list of what the catalogue
// never writes. Compared field by field with schema/compiled/tabular.json, service_capacity.json, unit.json and schedule.json of that repository.
import Ajv from 'ajv';
import addFormats from 'ajv-formats';

const KINDS = {
  uuid: { type: 'string', format: 'uuid' }, text: { type: 'string' }, number: { type: 'number' }, email: { type: 'string', format: 'email' },
  uri: { type: 'string', format: 'uri' }, date: { type: 'string', format: 'date' }, datetime: { type: 'string', format: 'date-time' },
  time: { type: 'string', pattern: '^([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d)?(Z|[+-]\\d\\d:\\d\\d)?$' },
};
const OBJECTS = {
  organization: 'id:uuid name:text alternate_name:text? description:text email:email? website:uri? tax_status:text? tax_id:text? year_incorporated:number? legal_status:text? logo:text? uri:uri? parent_organization_id:uuid? funding:[]? contacts:[]? phones:[phone]? locations:[location]? programs:[]? organization_identifiers:[]? attributes:[attribute]? metadata:[]? additional_websites:[]?',
  service: 'id:uuid organization_id:uuid? program_id:uuid? name:text alternate_name:text? description:text? url:uri? additional_urls:[]? email:email? status:(active|inactive|defunct|temporarily_closed) interpretation_services:text? application_process:text? fees_description:text? wait_time:text? fees:text? accreditations:text? eligibility_description:text? minimum_age:number? maximum_age:number? assured_date:date? assurer_email:email? licenses:text? alert:text? last_modified:datetime? phones:[phone]? schedules:[schedule]? service_areas:[service_area]? service_at_locations:[service_at_location]? languages:[language]? organization:{organization}? funding:[]? cost_options:[cost_option]? program:{program}? required_documents:[required_document]? contacts:[]? capacities:[service_capacity]? attributes:[attribute]? metadata:[]?',
  program: 'id:uuid organization_id:uuid? name:text alternate_name:text? description:text attributes:[]? metadata:[]?',
  service_at_location: 'id:uuid service_id:uuid? location_id:uuid? description:text? service_areas:[service_area]? contacts:[]? phones:[phone]? schedules:[schedule]? location:{location}? attributes:[attribute]? metadata:[]?',
  location: 'id:uuid location_type:(physical|postal|virtual) url:uri? organization_id:uuid? name:text? alternate_name:text? description:text? transportation:text? latitude:number? longitude:number? external_identifier:text? external_identifier_type:text? languages:[language]? addresses:[address]? contacts:[]? accessibility:[accessibility]? phones:[phone]? schedules:[schedule]? attributes:[attribute]? metadata:[]?',
  address: 'id:uuid location_id:uuid? attention:text? address_1:text address_2:text? city:text region:text? state_province:text postal_code:text country:text address_type:(physical|postal|virtual) attributes:[attribute]? metadata:[]?',
  phone: 'id:uuid location_id:uuid? service_id:uuid? organization_id:uuid? contact_id:uuid? service_at_location_id:uuid? number:text extension:number? type:text? description:text? languages:[language]? attributes:[attribute]? metadata:[]?',
  schedule: 'id:uuid service_id:uuid? location_id:uuid? service_at_location_id:uuid? valid_from:date? valid_to:date? dtstart:date? timezone:number? until:date? count:number? wkst:(MO|TU|WE|TH|FR|SA|SU)? freq:(WEEKLY|MONTHLY)? interval:number? byday:text? byweekno:text? bymonthday:text? byyearday:text? description:text? opens_at:time? closes_at:time? schedule_link:uri? attending_type:text? notes:text? attributes:[attribute]? metadata:[]?',
  service_area: 'id:uuid service_id:uuid? service_at_location_id:uuid? name:text? description:text? extent:text? extent_type:text? uri:text? attributes:[attribute]? metadata:[]?',
  required_document: 'id:uuid service_id:uuid? document:text? uri:uri? attributes:[attribute]? metadata:[]?',
  language: 'id:uuid service_id:uuid? location_id:uuid? phone_id:uuid? name:text? code:text? note:text? attributes:[attribute]? metadata:[]?',
  cost_option: 'id:uuid service_id:uuid? valid_from:date? valid_to:date? option:text? currency:text? amount:number? amount_description:text? attributes:[attribute]? metadata:[]?',
  accessibility: 'id:uuid location_id:uuid? description:text? details:text? url:uri? attributes:[attribute]? metadata:[]?',
  service_capacity: 'id:uuid service_id:uuid? unit:{unit} unit_id:uuid? available:number maximum:number? description:text? updated:datetime attributes:[attribute]? metadata:[]?',
  unit: 'id:uuid name:text scheme:text? identifier:text? uri:uri? attributes:[attribute]? metadata:[]?',
  attribute: 'id:uuid link_id:uuid? taxonomy_term_id:uuid? link_type:text? link_entity:text? value:text? taxonomy_term:{taxonomy_term}? metadata:[]? label:text?',
  taxonomy_term: 'id:uuid code:text? name:text description:text parent_id:uuid? taxonomy:text? taxonomy_detail:{taxonomy}? language:text? taxonomy_id:uuid? term_uri:uri? metadata:[]?',
  taxonomy: 'id:uuid name:text description:text uri:uri? version:text? metadata:[]?',
};
// Columns that the tabular form asks for besides.
const TABULAR = { service: ['organization_id'], service_at_location: ['service_id', 'location_id'], cost_option: ['service_id'],
  service_capacity: ['unit_id', 'service_id'], attribute: ['link_id', 'taxonomy_term_id', 'link_entity'] };

const FILES = { organization: 'organizations', service: 'services', service_at_location: 'service_at_location', location: 'locations', address: 'addresses', phone: 'phones',
  schedule: 'schedules', service_area: 'service_areas', required_document: 'required_documents', language: 'languages', cost_option: 'cost_options',
  accessibility: 'accessibility', service_capacity: 'service_capacity', unit: 'units', attribute: 'attributes', taxonomy_term: 'taxonomy_terms', taxonomy: 'taxonomies' };
// Types of columns by the descriptor of the specification (datapackage_type, else type).
const COLUMNS = { number: 'number', date: 'date', datetime: 'datetime', time: 'time' };

function kind(word) {
  if (word === '[]') return { type: 'array', maxItems: 0 };
  if (word.startsWith('[')) return { type: 'array', items: { $ref: word.slice(1, -1) } };
  if (word.startsWith('{')) return { $ref: word.slice(1, -1) };
  if (word.startsWith('(')) return { type: 'string', enum: word.slice(1, -1).split('|').map((v) => v.replace('_', ' ')) };
  return KINDS[word];
}
const fieldsOf = (name) => OBJECTS[name].split(' ').map((f) => {
  const [, field, word, optional] = /^(\w+):(.*?)(\?)?$/.exec(f);
  return { field, word, optional: Boolean(optional) };
});
const schemaOf = (name) => ({
  $id: name, type: 'object', additionalProperties: false,
  properties: Object.fromEntries(fieldsOf(name).map((f) => [f.field, kind(f.word)])),
  required: fieldsOf(name).filter((f) => !f.optional).map((f) => f.field),
});

const ajv = new Ajv({ allErrors: true, strict: false });
addFormats(ajv);
for (const name of Object.keys(OBJECTS)) ajv.addSchema(schemaOf(name));
ajv.addSchema({ $id: 'page', type: 'object', additionalProperties: false,
  required: ['total_items', 'total_pages', 'page_number', 'size', 'first_page', 'last_page', 'empty', 'contents'],
  properties: { total_items: { type: 'integer' }, total_pages: { type: 'integer' }, page_number: { type: 'integer' }, size: { type: 'integer' },
    first_page: { type: 'boolean' }, last_page: { type: 'boolean' }, empty: { type: 'boolean' }, contents: { type: 'array', items: { $ref: 'service' } } } });

const told = (f) => (f.errors ?? []).slice(0, 8).map((e) => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`);
// What is wrong with a page of services; [] when it is valid.
export function faultsOfPage(page) {
  const check = ajv.getSchema('page');
  return check(page) ? [] : told(check);
}
// What is wrong with the tables of a package ({ 'services.csv': [row, …], … }) by its descriptor and by the specification.
export function faultsOfPackage(descriptor, tables) {
  const faults = [];
  const ids = Object.fromEntries(descriptor.resources.map((r) => [r.name, new Set((tables[r.path] ?? []).map((x) => x.id))]));
  for (const resource of descriptor.resources) {
    const rows = tables[resource.path];
    if (!rows || !OBJECTS[resource.name]) { faults.push(`${resource.path}: no such table`); continue; }
    if (resource.path !== `${FILES[resource.name]}.csv` || resource.profile !== 'tabular-data-resource') faults.push(`${resource.path}: not the table of ${resource.name}`);
    if (ids[resource.name].size !== rows.length) faults.push(`${resource.path}: ids stand twice`);
    const named = Object.fromEntries(fieldsOf(resource.name).map((f) => [f.field, f]));
    for (const f of resource.schema.fields) if (!named[f.name] || /^[[{]/.test(named[f.name].word) || f.type !== (COLUMNS[named[f.name].word] ?? 'string')) faults.push(`${resource.path}: column ${f.name}`);
    const flat = { ...schemaOf(resource.name), $id: undefined };
    for (const [k, v] of Object.entries(flat.properties)) if (v.$ref || v.type === 'array') delete flat.properties[k];
    flat.required = [...flat.required.filter((k) => flat.properties[k]), ...(TABULAR[resource.name] ?? [])];
    const check = ajv.compile(flat);
    for (const row of rows) {
      const typed = Object.fromEntries(Object.entries(row).filter(([, v]) => v !== '')
        .map(([k, v]) => [k, flat.properties[k]?.type === 'number' ? Number(v) : v]));
      if (!check(typed)) faults.push(...told(check).map((f) => `${resource.path}: ${f}`));
      for (const key of resource.schema.foreignKeys ?? [])
        if (row[key.fields] && !ids[key.reference.resource]?.has(row[key.fields])) faults.push(`${resource.path}: ${key.fields} ${row[key.fields]} is nowhere`);
    }
  }
  return faults.slice(0, 12);
}
