// The names by which the page calls the API's types. All come from schema.ts, which is generated
// from proto/openapi.json.
import type { components } from './schema';

export type { paths } from './schema';

type Schemas = components['schemas'];

export type Accepted = Schemas['Accepted'];
export type Access = Schemas['Access'];
export type Action = Schemas['Action'];
export type ApiToken = Schemas['ApiToken'];
export type AskingDevice = Schemas['AskingDevice'];
export type AuditEntry = Schemas['AuditEntry'];
export type Because = Schemas['Because'];
export type ChangeAccount = Schemas['ChangeAccount'];
export type ChangePassword = Schemas['ChangePassword'];
export type ChangeWebhook = Schemas['ChangeWebhook'];
export type Check = Schemas['Check'];
export type Cluster = Schemas['Cluster'];
export type ClusterStatus = Schemas['ClusterStatus'];
export type ClusterVersion = Schemas['ClusterVersion'];
export type CreateApiToken = Schemas['CreateApiToken'];
export type CreateCluster = Schemas['CreateCluster'];
export type CreateInvitation = Schemas['CreateInvitation'];
export type CreateShare = Schemas['CreateShare'];
export type CreateTrust = Schemas['CreateTrust'];
export type CreateWebhook = Schemas['CreateWebhook'];
export type Delivery = Schemas['Delivery'];
export type Event = Schemas['Event'];
export type ExecResult = Schemas['ExecResult'];
export type FieldError = Schemas['FieldError'];
export type Host = Schemas['Host'];
export type Identity = Schemas['Identity'];
export type Idle = Schemas['Idle'];
export type Installation = Schemas['Installation'];
export type Invariant = Schemas['Invariant'];
export type Invitation = Schemas['Invitation'];
export type InvitationFor = Schemas['InvitationFor'];
export type Level = Schemas['Level'];
export type Login = Schemas['Login'];
export type Me = Schemas['Me'];
export type Member = Schemas['Member'];
export type Membership = Schemas['Membership'];
export type NamespaceGrant = Schemas['NamespaceGrant'];
export type NewApiToken = Schemas['NewApiToken'];
export type NewInvitation = Schemas['NewInvitation'];
export type NewShare = Schemas['NewShare'];
export type NewWebhook = Schemas['NewWebhook'];
export type Organization = Schemas['Organization'];
export type Outcome = Schemas['Outcome'];
export type Part = Schemas['Part'];
export type Person = Schemas['Person'];
export type PersonAccess = Schemas['PersonAccess'];
export type Problem = Schemas['Problem'];
export type Provider = Schemas['Provider'];
export type Quota = Schemas['Quota'];
export type Reason = Schemas['Reason'];
export type Register = Schemas['Register'];
export type ResetLink = Schemas['ResetLink'];
export type Role = Schemas['Role'];
export type ScopeLevel = Schemas['ScopeLevel'];
export type Session = Schemas['Session'];
export type Share = Schemas['Share'];
export type ShareFor = Schemas['ShareFor'];
export type Step = Schemas['Step'];
export type Task = Schemas['Task'];
export type TaskKind = Schemas['TaskKind'];
export type TaskStatus = Schemas['TaskStatus'];
export type TaskStep = Schemas['TaskStep'];
export type Trust = Schemas['Trust'];
export type Used = Schemas['Used'];
export type User = Schemas['User'];
export type Webhook = Schemas['Webhook'];
export type Workspace = Schemas['Workspace'];
export type WorkspaceStatus = Schemas['WorkspaceStatus'];
export type WorkspaceDetail = Schemas['WorkspaceDetail'];

/** One page of a list, newest first. */
export interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}
