/** What the owner lends of this machine, and the node's own admission that keeps jobs within it. */
export { type Admission, createAdmission } from './admission.ts';
export { OwnerSettings, updateSettings } from './settings.ts';
